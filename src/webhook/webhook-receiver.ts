import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Line } from '../api/lines';
import { pause, type Clock } from '../clock';
import { within } from '../deadline';
import { isId, isMessengerType } from '../events';
import { isTooDeep, parseJson } from '../events/json';
import type { Log } from '../log';
import { readBody } from './body';
import { lineText } from './callback-state';
import { Refusals } from './refusals';
import { Repeats } from './repeats';

/** In bytes. */
const MAX_BODY_BYTES = 1024 * 1024;
/** How long a body may take to arrive, in ms. */
const BODY_WITHIN = 10_000;
/** How many callbacks may be at work at a time, and how many bytes of theirs may lie in memory. */
const MAX_AT_WORK = 100;
const MAX_BYTES = 16 * MAX_BODY_BYTES;

/** How long it may take to accept a callback, in ms: less than ChatApp waits for the answer. */
const ACCEPT_WITHIN = 5_000;

/** How long an answer waits for a sign that nobody waits for it any more, in ms. */
const LINGER = 10;

/** A request to the address of a callback: what of it matters. */
export interface CallbackRequest {
  readonly method: string;
  /** The parts of the path behind the base; nothing of them is checked yet. */
  readonly secret: string;
  readonly licenseId: string;
  readonly messengerType: string;
  /** How long the body says that it is, in bytes. */
  readonly length?: number;
  /** Still to be read, or as somebody has read and parsed it. */
  readonly body: Readable | { readonly parsed: unknown };
  /** Aborted when the connection ends before the whole answer has left. */
  readonly unanswered: AbortSignal;
}

/** What becomes of a callback: accepted, for a line that nobody listens to, or too early to decide. */
export type CallbackOutcome = 'taken' | 'unknown' | 'notYet';

export interface WebhookReceiverOptions {
  readonly secret: () => Promise<string>;
  /** The secret before, while ChatApp may still call by it. */
  readonly formerSecret?: () => string | undefined;
  /** Resolves when callbacks can be accepted. */
  readonly ready: () => Promise<void>;
  readonly isKnown: (line: Line) => CallbackOutcome;
  /** Accepts what was announced for the line. Resolves when no crash can lose it any more. */
  readonly onCallback: (line: Line, data: unknown) => Promise<CallbackOutcome>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets callbacks in, and nothing else: whatever is not ChatApp is refused before it costs anything. */
export class WebhookReceiver {
  readonly #refusals: Refusals;
  readonly #repeats: Repeats;
  #atWork = 0;
  #bytes = 0;

  constructor(private readonly options: WebhookReceiverOptions) {
    this.#refusals = new Refusals(options.clock, options.log);
    this.#repeats = new Repeats(options.clock);
  }

  /** The status of the answer; 2xx only after everything was accepted. Never rejects. */
  async answer(request: CallbackRequest): Promise<number> {
    if (request.method !== 'POST') return this.#refusals.refuse('method');
    if (this.#atWork >= MAX_AT_WORK || this.#bytes >= MAX_BYTES) return this.#refusals.refuse('tooMany');
    this.#atWork += 1;
    try {
      return await this.#answer(request);
    } finally {
      this.#atWork -= 1;
    }
  }

  async #answer(request: CallbackRequest): Promise<number> {
    const { isKnown } = this.options;
    const { licenseId, messengerType, length = 0 } = request;
    if (!(await this.#isSecret(request.secret))) return this.#refusals.refuse('secret');
    const line = { licenseId, messengerType };
    const lineState = isId(licenseId) && isMessengerType(messengerType) ? isKnown(line) : 'unknown';
    if (lineState !== 'taken') return this.#refusals.refuse(lineState === 'notYet' ? 'notYet' : 'line');
    if (length > MAX_BODY_BYTES) return this.#refusals.refuse('tooLarge');
    if ('parsed' in request.body) return this.#takeParsed(request, line, request.body.parsed);
    return this.#read(request, line, request.body);
  }

  async #isSecret(text: string): Promise<boolean> {
    const current = await this.options.secret();
    const former = this.options.formerSecret?.() ?? current;
    return isEqual(text, current) || isEqual(text, former);
  }

  async #read(request: CallbackRequest, line: Line, stream: Readable): Promise<number> {
    let held = 0;
    const keep = (count: number): void => {
      held += count;
      this.#bytes += count;
    };
    try {
      const body = await readBody(stream, MAX_BODY_BYTES, BODY_WITHIN, this.options.clock, keep);
      return typeof body === 'string' ? this.#refusals.refuse(body) : await this.#parse(request, line, body);
    } finally {
      this.#bytes -= held;
    }
  }

  /** A parser for JSON leaves a value; one for texts or bytes leaves what is still to be parsed. */
  async #takeParsed(request: CallbackRequest, line: Line, parsed: unknown): Promise<number> {
    if (typeof parsed === 'string' || Buffer.isBuffer(parsed)) return this.#parse(request, line, Buffer.from(parsed));
    // What is nested too deeply for JSON.stringify is not read anyway, but reported: no repeat is recognised by it.
    const body = Buffer.from(isTooDeep(parsed) ? randomUUID() : JSON.stringify(parsed ?? null));
    if (body.length > MAX_BODY_BYTES) return this.#refusals.refuse('tooLarge');
    return this.#take(request, line, body, parsed);
  }

  async #parse(request: CallbackRequest, line: Line, body: Buffer): Promise<number> {
    const unpacked = unpackedBody(body);
    if (typeof unpacked === 'string') return this.#refusals.refuse(unpacked);
    const text = unpacked.toString('utf8').trim();
    const data = text === '' ? null : parseJson(text);
    return data === undefined ? this.#refusals.refuse('notJson') : this.#take(request, line, body, data);
  }

  async #take({ unanswered }: CallbackRequest, line: Line, body: Buffer, data: unknown): Promise<number> {
    if (isEmpty(data)) return 200;
    await this.options.ready();
    // After a busy time, this call and its repeat may be read in the same turn. That the caller of this one hung up is
    // read in the next turn; two immediates have that turn between them.
    await nextTurn();
    await nextTurn();
    // Until it is accepted without a pause: a repeat that is at work at the same time must find what is noted here.
    if (this.#repeats.isRepeat(lineText(line), body)) return 200;
    const accepted = this.options.onCallback(line, data);
    const note = (): void => this.#repeats.expect(lineText(line), body);
    if (unanswered.aborted) note();
    else unanswered.addEventListener('abort', note, { once: true });
    const callback = await within(this.options.clock, ACCEPT_WITHIN, accepted).catch(() => 'notStored' as const);
    if (callback === 'notStored') return this.#refusals.refuse('notStored');
    if (callback !== 'taken') return this.#refusals.refuse(callback === 'notYet' ? 'notYet' : 'line');
    // A caller that hung up while a flow was busy would count as answered. Timers run before connections are read, so
    // the timer alone is not enough.
    await pause(this.options.clock, LINGER);
    await nextTurn();
    return 200;
  }
}

/** A body as it was before gzip, if it is packed: then nobody has parsed it, and it may be larger than it looks. */
function unpackedBody(body: Buffer): Buffer | 'tooLarge' | 'notJson' {
  if (!body.subarray(0, GZIP.length).equals(GZIP)) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    return error instanceof RangeError ? 'tooLarge' : 'notJson';
  }
}

/** How what is packed begins; no JSON does. */
const GZIP = Buffer.from([0x1f, 0x8b]);

/** ChatApp tries an address with an empty body before it keeps it; PHP writes nothing as a list or an object too. */
function isEmpty(data: unknown): boolean {
  return data === null || data === '' || (typeof data === 'object' && Object.keys(data).length === 0);
}

/** Takes the same time whatever the difference. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(hash(one), hash(other));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
