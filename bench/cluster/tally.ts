/** One life of an instance: from its start to its death. */
export interface Life {
  readonly instance: number;
  /** When it was killed, in ms since the epoch; undefined: it was not. */
  killedAt: number | undefined;
}

/** A message as it was announced. */
export interface Sent {
  readonly number: number;
  /** What has to keep its order. */
  readonly chat: string;
  /** Without a key, nor a history from which it could be fetched. */
  readonly isKeyless?: boolean;
  /** In ms since the epoch. */
  readonly at: number;
}

/** A flow has got a message. */
interface Taking {
  readonly life: Life;
  readonly attempt: number;
  readonly recovered?: boolean;
  /** In ms since the epoch. */
  readonly at: number;
  /** How late it was, in µs. */
  readonly late: number;
}

/** One time that a message was handled. */
interface Handling {
  readonly life: Life;
  readonly attempt: number;
  /** The flow could know that it may be a repeat. */
  readonly isMarked: boolean;
  readonly from: number;
  /** Undefined where it did not get to its end. */
  to: number | undefined;
}

/** What became of the messages of one run; lists are of numbers. */
export interface Figures {
  readonly sent: number;
  /** Those that no flow has handled to the end. */
  readonly lost: readonly number[];
  /** Those of them that nobody can fetch. */
  readonly lostKeyless: readonly number[];
  /** Handled more than once, each further time counted. */
  readonly doubled: readonly number[];
  /** Doubled, and the flow could not know it. */
  readonly unmarked: readonly number[];
  /** Doubled although no instance was killed that had it in flight. */
  readonly needless: readonly number[];
  /** Begun before an earlier one of their chat was handled. */
  readonly outOfOrder: readonly number[];
}

/** So long after its handling the word that it is done may still be on its way, in ms. */
const ON_THE_WAY = 1_000;

/** Keeps what was announced, and what each instance has handled. */
export class Tally {
  readonly #sent = new Map<number, Sent>();
  readonly #handlings = new Map<number, Handling[]>();
  readonly #done = new Map<number, number>();
  /** How late each message was when it was first taken, in µs. */
  readonly delays: number[] = [];
  /** When a message was handled last, in ms since the epoch. */
  lastDone = 0;

  announced(sent: Sent): void {
    this.#sent.set(sent.number, sent);
  }

  took(number: number, { life, attempt, recovered = false, at, late }: Taking): void {
    if (!this.#sent.has(number)) throw new Error(`Number ${number} came, but was never announced`);
    const handlings = this.#handlings.get(number) ?? [];
    this.#handlings.set(number, handlings);
    if (handlings.length === 0 && Number.isFinite(late)) this.delays.push(late);
    handlings.push({ life, attempt, isMarked: attempt > 1 || recovered, from: at, to: undefined });
  }

  did(number: number, life: Life, at: number): void {
    const handling = this.#handlings.get(number)?.findLast((one) => one.life === life);
    if (!handling) throw new Error(`Number ${number} is done, but was never begun`);
    handling.to = at;
    this.#done.set(number, Math.min(at, this.#done.get(number) ?? Infinity));
    this.lastDone = Math.max(this.lastDone, at);
  }

  get done(): number {
    return this.#done.size;
  }

  get missing(): number {
    return this.#sent.size - this.#done.size;
  }

  /** When the first message was handled that was announced after a time; both in ms since the epoch. */
  firstAfter(time: number): number | undefined {
    const times = [...this.#sent.values()].filter(({ at }) => at > time).map(({ number }) => this.#done.get(number));
    const first = Math.min(...times.map((at) => at ?? Infinity));
    return Number.isFinite(first) ? first : undefined;
  }

  figures(): Figures {
    const lost = [...this.#sent.keys()].filter((number) => !this.#done.has(number));
    const again = [...this.#handlings].flatMap(([number, handlings]) => repeatsOf(number, handlings));
    return {
      sent: this.#sent.size,
      lost,
      lostKeyless: lost.filter((number) => this.#sent.get(number)?.isKeyless),
      doubled: again.map(({ number }) => number),
      unmarked: again.filter(({ isMarked }) => !isMarked).map(({ number }) => number),
      needless: again.filter(({ isNeedless }) => isNeedless).map(({ number }) => number),
      outOfOrder: this.#outOfOrder(),
    };
  }

  /** All that is known of a message, in words. */
  story(number: number): string {
    const sent = this.#sent.get(number);
    const since = (at: number | undefined): string => (at === undefined ? '–' : `${at - (sent?.at ?? 0)} ms`);
    const handlings = (this.#handlings.get(number) ?? []).map(({ life, attempt, from, to }) => {
      const end = life.killedAt === undefined ? '' : `, killed at ${since(life.killedAt)}`;
      return `instance ${life.instance} try ${attempt} from ${since(from)} to ${since(to)}${end}`;
    });
    const when = new Date(sent?.at ?? 0).toISOString();
    return `№ ${number} in ${sent?.chat ?? '?'}, announced ${when}: ${handlings.join('; ') || 'never handled'}`;
  }

  #outOfOrder(): number[] {
    const doneIn = new Map<string, number>();
    const late: number[] = [];
    for (const { number, chat } of this.#sent.values()) {
      const done = this.#done.get(number);
      const from = Math.min(...(this.#handlings.get(number) ?? []).map((handling) => handling.from));
      if (from < (doneIn.get(chat) ?? 0)) late.push(number);
      if (done !== undefined) doneIn.set(chat, Math.max(done, doneIn.get(chat) ?? 0));
    }
    return late;
  }
}

function repeatsOf(
  number: number,
  handlings: readonly Handling[],
): { number: number; isMarked: boolean; isNeedless: boolean }[] {
  const inTurn = [...handlings].sort((one, other) => one.from - other.from);
  return inTurn.slice(1).map(({ isMarked }, index) => {
    const { life, to } = inTurn[index] ?? {};
    const killedAt = life?.killedAt;
    return { number, isMarked, isNeedless: killedAt === undefined || (to !== undefined && killedAt > to + ON_THE_WAY) };
  });
}
