import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { isRecord } from '../../simulator/json';
import { messageFrom } from '../child-message';
import { BUILT } from './build';
import type { BEGIN, END } from './generator/frames';
import type { GeneratorSettings, RequestLog, Order } from './generator/orders';
import type { SubjectName } from './subjects/names';
import { endOf, startSubject } from './subjects/process';
import type { Run, Subject, SubjectSettings } from './subjects/subject';

/** A subject and the simulator that it listens to, each in a process of its own. */
export interface Pair {
  readonly subject: Subject;
  /** Orders a run and gives what the subject counted. */
  run(order: Order): Promise<Run>;
  /** Sends one of the two signals alone. */
  signal(event: typeof BEGIN | typeof END): Promise<void>;
  drop(): Promise<void>;
  requestLog(): Promise<RequestLog>;
  /** Resolves with the request log when so many channels were subscribed since it was last read. */
  subscribed(channels: number, within: number): Promise<RequestLog>;
  stop(): Promise<void>;
}

/** How long a subject may need for the rest when all is sent, in ms. */
const RUN_ENDS_WITHIN = 120_000;

const PLAIN: GeneratorSettings = { lines: 1, authorisationTakes: 0, sendingTakes: 0, chats: 0, messagesPerChat: 0 };

export interface PairSettings extends Partial<Omit<SubjectSettings, 'url'>> {
  readonly generator?: Partial<GeneratorSettings>;
}

/** Starts a subject and its simulator, without waiting for the subscription. */
export async function startPair(name: SubjectName, settings: PairSettings = {}): Promise<Pair> {
  const { generator: more = {}, lines = 1, wants = 'all', listeners = 1, recover = false } = settings;
  const generator = fork(BUILT.generator, [JSON.stringify({ ...PLAIN, lines, ...more })]);
  const url = await messageFrom(generator, (reported) =>
    isRecord(reported) && typeof reported.url === 'string' ? reported.url : undefined,
  );
  const subject = await startSubject(name, { url, lines, wants, listeners, recover });
  const requestLog = async (): Promise<RequestLog> => readRequestLog(await obey(generator, { kind: 'request-log' }));
  return {
    subject,
    run: async (order) => {
      const run = subject.nextRun();
      await obey(generator, order);
      return within(run, RUN_ENDS_WITHIN);
    },
    signal: async (event) => void (await obey(generator, { kind: 'signal', event })),
    drop: async () => void (await obey(generator, { kind: 'drop' })),
    requestLog,
    subscribed: (channels, within) => untilSubscribed(requestLog, channels, within),
    stop: async () => {
      await subject.stop();
      await endOf(generator);
    },
  };
}

/** A subject that has lost what ends a run would wait for it for ever. */
async function within<T>(result: Promise<T>, limit: number): Promise<T> {
  const timer = new AbortController();
  const late = pause(limit, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`A run did not end within ${limit} ms`);
  });
  return Promise.race([result, late]).finally(() => timer.abort());
}

async function obey(generator: ChildProcess, order: Order): Promise<unknown> {
  const done = messageFrom(generator, (reported) =>
    isRecord(reported) && reported.done === order.kind ? reported : undefined,
  );
  generator.send(order);
  return done;
}

async function untilSubscribed(look: () => Promise<RequestLog>, channels: number, within: number): Promise<RequestLog> {
  const until = Date.now() + within;
  let seen: RequestLog = { authorised: [], subscribed: [], history: [], sent: [], over: 0 };
  while (seen.subscribed.length < channels) {
    if (Date.now() > until) throw new Error(`${seen.subscribed.length} of ${channels} channels after ${within} ms`);
    const more = await look();
    seen = {
      authorised: [...seen.authorised, ...more.authorised],
      subscribed: [...seen.subscribed, ...more.subscribed],
      history: [...seen.history, ...more.history],
      sent: [...seen.sent, ...more.sent],
      over: seen.over + more.over,
    };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return seen;
}

function readRequestLog(answer: unknown): RequestLog {
  const requestLog = isRecord(answer) && isRecord(answer.requestLog) ? answer.requestLog : {};
  const { authorised, subscribed, history, sent, over } = requestLog;
  return {
    authorised: noted(authorised),
    subscribed: noted(subscribed),
    history: timesIn(history),
    sent: timesIn(sent),
    over: Number(over),
  };
}

function timesIn(list: unknown): number[] {
  return Array.isArray(list) ? list.map(Number) : [];
}

function noted(list: unknown): { channel: string; at: number }[] {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return entries.flatMap((entry) =>
    isRecord(entry) && typeof entry.channel === 'string' && typeof entry.at === 'number'
      ? [{ channel: entry.channel, at: entry.at }]
      : [],
  );
}
