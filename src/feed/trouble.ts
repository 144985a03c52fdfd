import type { Clock } from '../clock';
import { TOKEN_TROUBLES, type ChatAppError } from '../errors';

/** What lasts longer is told as an error; what mends itself before shows in the status only, in ms. */
const TELL_AFTER = 15_000;

interface Source {
  readonly since: number;
  readonly kinds: Set<string>;
}

/**
 * Tells a trouble that many sources share, as an API that is down for a thousand channels, once: until the last of
 * the sources that had it is well again.
 */
export class Trouble {
  readonly #sources = new Map<string, Source>();

  constructor(
    private readonly clock: Clock,
    private readonly tell: (error: ChatAppError) => void,
  ) {}

  /** `source` has failed with `error`; without a token nothing goes and someone has to act: that is told at once. */
  failed(source: string, error: ChatAppError): void {
    const now = this.clock.now();
    const entry = this.#sources.get(source) ?? { since: now, kinds: new Set() };
    this.#sources.set(source, entry);
    if (!TOKEN_TROUBLES.has(error.code) && now - entry.since < TELL_AFTER) return;
    const kind = `${error.code}.${error.reason}`;
    const isKnown = [...this.#sources.values()].some(({ kinds }) => kinds.has(kind));
    entry.kinds.add(kind);
    if (!isKnown) this.tell(error);
  }

  /** `source` works, or is not wanted any more. */
  over(source: string): void {
    this.#sources.delete(source);
  }
}
