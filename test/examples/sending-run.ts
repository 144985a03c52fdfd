import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import type { ExampleSettings, ExampleStage, RunningExample } from '../support/example-stage';
import type { HttpFarEnd } from '../support/http-far-end';

/** The line on which the customers of these tests write. */
export const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
/** Names of nodes that all examples have which send messages to somebody's API. */
export const AGAIN = 'not taken, tried again';
export const KEPT = 'not sent, kept in the file';
export const ELSE = 'read the text and act';

/** An example that runs and sends messages to somebody's API. */
export interface SendingRun extends RunningExample {
  /** Resolves once a debug node has shown so many. */
  untilShown(name: string, count?: number): Promise<void>;
  /** Resolves once so many messages wait for their turn or are under way. */
  untilWaiting(count: number): Promise<void>;
  /** Deploys all of it anew while it runs. */
  redeploy(): Promise<void>;
  /** The last line of the file with what was not sent. */
  lastKept(): JsonRecord;
}

/** Which example, and what is other than in it. */
export interface SendingExample {
  readonly name: string;
  /** The name of the node in which messages wait. */
  readonly queue: string;
  /** Keeps to so many requests a second as the far end wants. Default: false. */
  readonly limited?: boolean;
  /** Changes the code of the function nodes. */
  readonly change?: (code: string) => string;
}

/** Imports and deploys an example, and waits for its listener. */
export async function runSending(
  stage: ExampleStage,
  { name, queue, limited = false, change = (code) => code }: SendingExample,
  variables: ExampleSettings['variables'],
): Promise<SendingRun> {
  const unsent = join(stage.folder, 'unsent.jsonl');
  const settings = {
    LINE: LINE.licenseId,
    MESSENGER: LINE.messengerType,
    RETRY_SECONDS: 0.05,
    UNSENT_FILE: unsent,
    ...variables,
  };
  const imported = await stage.imported(name, { variables: settings });
  const nodes = imported.map((node) => {
    if (node.type === 'function') return { ...node, func: change(String(node.func)) };
    return node.type === 'delay' && !limited ? { ...node, nbRateUnits: '0.01' } : node;
  });
  const flow = await stage.deploy(nodes);
  const listener = nodes.find(({ type }) => type === 'chatapp-messenger')?.id ?? '';
  // Green alone may still be the word of the run before: "last event …".
  await stage.nodeRed.until('listening', () => stage.nodeRed.statuses(listener).at(-1)?.text === 'listening');

  return {
    ...flow,
    untilShown: (node, count = 1) => stage.nodeRed.until(`${count} × ${node}`, () => flow.shown(node).length >= count),
    untilWaiting: (count) => {
      const text = `${count} waiting`;
      return stage.nodeRed.until(text, () => flow.statuses(queue).at(-1)?.text === text);
    },
    redeploy: () => stage.nodeRed.deploy(nodes),
    lastKept: () => {
      const last = parseJson(readFileSync(unsent, 'utf8').trim().split('\n').at(-1) ?? '');
      assert.ok(isRecord(last));
      return last;
    },
  };
}

/** Resolves once so many requests have come to the far end and no message waits any more. */
export async function untilDone(farEnd: HttpFarEnd, flow: SendingRun, requests: number): Promise<void> {
  await farEnd.until(({ length }) => length >= requests);
  await flow.untilWaiting(0);
}
