import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageItem, MessageToMake, Simulator } from '../../simulator/contract';
import { entriesOf, type FlowNode } from '../../scripts/example-flows';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { ExampleHarness, type ExampleSettings, type RunningExample } from '../support/example-harness';
import { HttpStub } from '../support/http-stub';

export const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
/** Names of nodes that all examples have which answer. */
export const KEPT = 'not sent, kept in the file';
const ERRORS = 'read the text and act';
export const SAMPLE = 'what a sample would get';

/** What ChatApp answers where it refuses a message. */
export const REFUSAL = {
  status: 422,
  body: { success: false, error: { code: 'ApiValidationError', message: 'said the server' } },
};

type Fields = Omit<MessageToMake, 'licenseId' | 'messengerType' | 'chat' | 'text'> & {
  /** What the chat has besides its id. */
  readonly chat?: JsonRecord;
  readonly receivedAt?: number;
};

/** An example that runs and writes to customers. */
export interface AnsweringRun extends RunningExample {
  /** The id of a chat; each test has chats of its own, whatever it calls them. */
  idOf(chat: string): string;
  /**
   * A customer writes; with `side: 'out'`, a colleague does. `receivedAt`, in ms since 1970, is the time at which
   * the flow takes it as received: the clock of these examples.
   */
  write(chat: string, text: string, fields?: Fields): MessageItem;
  /** What the flow has written to a chat, oldest first. */
  answers(chat: string): string[];
  /** Resolves once the flow has written so often to a chat; then gives what it wrote. */
  untilAnswered(chat: string, count: number): Promise<string[]>;
  /** How often the flow has asked the API to send something. */
  sends(): number;
  /** Resolves once a debug node has shown so many. */
  untilShown(name: string, count?: number): Promise<void>;
  /** Resolves once an error was shown that tells this. */
  untilError(reported: RegExp): Promise<void>;
  /** Resolves once all that was written and sent so far has come to the flow's listener. */
  untilReceived(): Promise<void>;
  /** The button of its listener. */
  pressSample(): Promise<void>;
  /** Deploys all of it again while it runs. */
  redeploy(): Promise<void>;
  /** The lines of the file with what was not sent. */
  kept(): JsonRecord[];
}

/** The harness of an example's tests, and a stub for what is written in both directions. */
interface AnsweringHarness {
  readonly harness: ExampleHarness;
  run(variables?: ExampleSettings['variables'], change?: (node: FlowNode) => FlowNode): Promise<AnsweringRun>;
}

/** Tests of an example that answers customers, such as `answer/menu-bot`. */
export function describeAnswering(name: string, body: (at: () => AnsweringHarness) => void): void {
  describe(`the example ${name}`, () => {
    let harness: ExampleHarness;
    let stub: HttpStub;
    let test = 0;
    let ranIn = 0;

    before(async () => {
      harness = await ExampleHarness.start();
      stub = await HttpStub.start();
      // As any other integration would do, it learns of each message by a callback.
      harness.simulator.callbacks.plant({
        ...LINE,
        licenseId: Number(LINE.licenseId),
        events: ['message'],
        url: stub.url,
      });
    });
    after(async () => {
      await harness.close();
      await stub.down();
    });
    beforeEach(() => {
      test += 1;
    });
    afterEach(async () => {
      harness.simulator.faults.answerWith('send', undefined);
      harness.simulator.faults.sentMessagesEnd(undefined);
      await harness.deploy([]);
      await rm(unsentFile(harness), { force: true });
    });

    body(() => ({
      harness,
      run: (variables, change) => {
        const isAgain = ranIn === test;
        ranIn = test;
        return run({ harness, stub, name, test, isAgain }, variables, change);
      },
    }));
  });
}

interface Place {
  readonly harness: ExampleHarness;
  readonly stub: HttpStub;
  readonly name: string;
  /** Counts the tests. */
  readonly test: number;
  /** Whether this test runs the example already. */
  readonly isAgain: boolean;
}

async function run(
  { harness, stub, name, test, isAgain }: Place,
  variables: ExampleSettings['variables'] = {},
  change: (node: FlowNode) => FlowNode = (node) => node,
): Promise<AnsweringRun> {
  const settings = {
    LINE: LINE.licenseId,
    MESSENGER: LINE.messengerType,
    UNSENT_FILE: unsentFile(harness),
    ...variables,
  };
  const imported = await harness.imported(name, { variables: settings });
  const nodes = [...imported.map(change).flatMap(withClock), ...probeOf(imported)];
  const flow = await harness.deploy(nodes);
  const listeners = nodes.filter(({ type }) => type === 'chatapp-messenger');
  // Where another test ran it before, green alone may still be a word of then: "last event …".
  const isNew = ({ id }: FlowNode): boolean => harness.nodeRed.statuses(id).at(-1)?.text === 'listening';
  if (!isAgain) await harness.nodeRed.until('listening', () => listeners.every(isNew));
  await flow.untilListening();
  const idOf = (chat: string): string => `${chat}-${test}`;
  const answers = (chat: string): string[] => sentBy(harness.simulator, stub, idOf(chat));
  let marks = 0;

  return {
    ...flow,
    idOf,
    write: (called, text, { receivedAt, ...fields } = {}) => {
      const clock = receivedAt === undefined ? {} : { receivedAt, time: Math.floor(receivedAt / 1000) };
      const chat = { name: called, ...fields.chat, id: idOf(called) };
      return harness.simulator.message({ ...LINE, text, ...clock, ...fields, chat });
    },
    answers,
    untilAnswered: async (chat, count) => {
      await stub.until(() => answers(chat).length >= count);
      return answers(chat);
    },
    sends: () => harness.simulator.requests.filter(({ path }) => /\/messages\/[a-z]+$/.test(path)).length,
    untilShown: (node, count = 1) =>
      harness.nodeRed.until(`${count} × ${node}`, () => flow.shown(node).length >= count),
    untilError: (reported) => {
      const isReported = (): boolean => flow.shown(ERRORS).some((error) => reported.test(JSON.stringify(error)));
      return harness.nodeRed.until(String(reported), isReported);
    },
    untilReceived: async () => {
      marks += 1;
      const mark = harness.simulator.message({
        ...LINE,
        chat: 'nobody',
        text: `mark ${marks}`,
        type: 'note',
        side: 'out',
      });
      await harness.nodeRed.until('the mark', () => flow.shown('probe').includes(mark.id));
    },
    pressSample: async () => {
      const own = imported.find(({ type }) => type === 'chatapp-messenger')?.id ?? '';
      const answer = await fetch(`${harness.nodeRed.url}/chatapp/sample/${own}`, { method: 'POST' });
      assert.ok(answer.ok, `the button was answered with ${answer.status}`);
    },
    redeploy: async () => {
      await harness.nodeRed.deploy(nodes);
      await flow.untilListening();
    },
    kept: () => (existsSync(unsentFile(harness)) ? linesOf(unsentFile(harness)) : []),
  };
}

/** Behind each listener, a node that sets the clock. */
function withClock(node: FlowNode): FlowNode[] {
  if (node.type !== 'chatapp-messenger') return [node];
  const id = `c10c${node.id.slice(4)}`;
  const func = 'if (msg.payload.receivedAt) msg.chatapp.receivedAt = msg.payload.receivedAt;\nreturn msg;';
  const clock = { id, type: 'function', z: node.z, name: 'the clock', func, outputs: 1, libs: [], wires: node.wires };
  return [{ ...node, wires: [[id]] }, clock];
}

/** A listener beside the flow's own one, which receives whatever that one may. */
function probeOf(nodes: readonly FlowNode[]): FlowNode[] {
  const own = nodes.find(({ type }) => type === 'chatapp-messenger') ?? assert.fail('there is no listener');
  const { id, z, connection } = own;
  const stub = `0ea0${id.slice(4)}`;
  const shown = `0eb0${id.slice(4)}`;
  const all = { events: ['message'], separate: false, direction: 'any', ignoreOwn: false, outputs: 1 };
  return [
    { id: stub, type: own.type, z, name: 'stub', connection, ...LINE, ...all, wires: [[shown]] },
    { id: shown, type: 'debug', z, name: 'probe', active: true, tosidebar: true, complete: 'payload.id', wires: [] },
  ];
}

function unsentFile({ folder }: ExampleHarness): string {
  return join(folder, 'unsent.jsonl');
}

export function linesOf(file: string): JsonRecord[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n').map(parseJson);
  return lines.map((line) => (isRecord(line) ? line : assert.fail('a line is no object')));
}

/** What the app of this account has written to a chat, oldest first, as the stub of its callbacks has received it. */
export function sentBy({ account }: Simulator, stub: HttpStub, chatId: string): string[] {
  const envelopes = stub.requests.map(({ json }) => json).filter(isRecord);
  const items = envelopes.flatMap(({ data }) => entriesOf(data)).filter(isRecord);
  const sent = items.filter(
    ({ chat, fromApp }) => isRecord(chat) && chat.id === chatId && isRecord(fromApp) && fromApp.id === account.appId,
  );
  return sent.map(({ message }) => (isRecord(message) ? String(message.text) : ''));
}
