import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Line } from '../api/lines';
import { pause, type Clock } from '../clock';
import { isId, isMessengerType } from '../events';
import { parseJson } from '../events/json';
import type { Log } from '../log';
import { readBody } from './body';
import { lineText } from './callback-state';
import { Refusals } from './refusals';
import { Repeats } from './repeats';

/** In bytes. */
const LARGEST_BODY = 1024 * 1024;
/** How long a body may take to arrive, in ms. */
const BODY_WITHIN = 10_000;
/** How many callbacks may be at work at a time, and how many bytes of theirs may lie in memory. */
const MOST_AT_WORK = 100;
const MOST_BYTES = 16 * LARGEST_BODY;

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
  readonly body: Readable;
  /** Aborted when the connection ends before the whole answer has left. */
  readonly unanswered: AbortSignal;
}

/** What becomes of a callback: handed over, for a line that nobody listens to, or too early to tell. */
export type Reception = 'taken' | 'unknown' | 'notYet';

export interface DoorOptions {
  readonly secret: () => Promise<string>;
  /** Resolves when callbacks can be handed over. */
  readonly ready: () => Promise<void>;
  readonly isKnown: (line: Line) => Reception;
  /** Hands what was announced for the line to its listeners. */
  readonly onCallback: (line: Line, data: unknown) => Reception;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets callbacks in, and nothing else: whatever is not ChatApp is refused before it costs anything. */
export class Door {
  readonly #refusals: Refusals;
  readonly #repeats: Repeats;
  #atWork = 0;
  #bytes = 0;

  constructor(private readonly options: DoorOptions) {
    this.#refusals = new Refusals(options.clock, options.log);
    this.#repeats = new Repeats(options.clock);
  }

  /** The status of the answer; 2xx only after everything was handed over. Never rejects. */
  async answer(request: CallbackRequest): Promise<number> {
    if (request.method !== 'POST') return this.#refusals.refuse('method');
    if (this.#atWork >= MOST_AT_WORK || this.#bytes >= MOST_BYTES) return this.#refusals.refuse('tooMany');
    this.#atWork += 1;
    try {
      return await this.#answer(request);
    } finally {
      this.#atWork -= 1;
    }
  }

  async #answer(request: CallbackRequest): Promise<number> {
    const { secret, isKnown } = this.options;
    const { licenseId, messengerType, length = 0 } = request;
    if (!isEqual(request.secret, await secret())) return this.#refusals.refuse('secret');
    const line = { licenseId, messengerType };
    const standing = isId(licenseId) && isMessengerType(messengerType) ? isKnown(line) : 'unknown';
    if (standing !== 'taken') return this.#refusals.refuse(standing === 'notYet' ? 'notYet' : 'line');
    if (length > LARGEST_BODY) return this.#refusals.refuse('tooLarge');
    let kept = 0;
    const keep = (count: number): void => {
      kept += count;
      this.#bytes += count;
    };
    try {
      const body = await readBody(request.body, LARGEST_BODY, BODY_WITHIN, this.options.clock, keep);
      return typeof body === 'string' ? this.#refusals.refuse(body) : await this.#take(request, line, body);
    } finally {
      this.#bytes -= kept;
    }
  }

  async #take({ unanswered }: CallbackRequest, line: Line, body: Buffer): Promise<number> {
    const text = body.toString('utf8').trim();
    // ChatApp tries an address with an empty body before it keeps it; PHP writes nothing as a list or an object too.
    if (PROBES.has(text)) return 200;
    const data = parseJson(text);
    if (data === undefined) return this.#refusals.refuse('notJson');
    await this.options.ready();
    // From here on without a pause: a repeat that is at work at the same time must find what is noted here.
    if (this.#repeats.isRepeat(lineText(line), body)) return 200;
    const note = (): void => this.#repeats.expect(lineText(line), body);
    const reception = this.options.onCallback(line, data);
    if (reception !== 'taken') return this.#refusals.refuse(reception === 'notYet' ? 'notYet' : 'line');
    if (unanswered.aborted) note();
    else unanswered.addEventListener('abort', note, { once: true });
    // Who hung up while we were busy is noticed only now, and would be taken for answered.
    await pause(this.options.clock, LINGER);
    return 200;
  }
}

const PROBES: ReadonlySet<string> = new Set(['', '[]', '{}', 'null', '""']);

/** Takes the same time wherever the two differ. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(hash(one), hash(other));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
