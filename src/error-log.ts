import { shownTime, type Clock } from './clock';
import type { ChatAppError, ErrorParams } from './errors';
import type { Failure, ReportedError } from './health';

/** How many errors are remembered, and how many nodes of each. */
const MAX_ERRORS = 50;
const MAX_NODES = 20;
/** What servers and flows say themselves: it may quote a customer. */
const FOREIGN_WORDS: ReadonlySet<string> = new Set(['words', 'cause']);

/** An error without what servers and flows say themselves. */
export function failureOf({ code, reason, params }: ChatAppError): Failure {
  const own: ErrorParams = Object.fromEntries(Object.entries(params).filter(([name]) => !FOREIGN_WORDS.has(name)));
  return { code, reason, params: own };
}

interface Entry extends Failure {
  at: number;
  count: number;
  /** One error may be reported to many nodes. */
  error: ChatAppError;
  readonly nodes: Set<string>;
}

/** The latest errors of a connection; what says the same again takes the place of the one before. */
export class ErrorLog {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  /** @param node the id of the node that it concerns; absent if it concerns the whole connection */
  note(error: ChatAppError, node?: string): void {
    const failure = failureOf(error);
    const name = JSON.stringify(failure);
    const entry = this.#entries.get(name) ?? { ...failure, at: 0, count: 0, error, nodes: new Set<string>() };
    if (entry.count === 0 || entry.error !== error) entry.count += 1;
    entry.error = error;
    entry.at = shownTime(this.clock);
    if (node !== undefined && entry.nodes.size < MAX_NODES) entry.nodes.add(node);
    // The latest comes last.
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    const [oldest = ''] = this.#entries.keys();
    if (this.#entries.size > MAX_ERRORS) this.#entries.delete(oldest);
  }

  /** Oldest first. */
  get all(): ReportedError[] {
    return [...this.#entries.values()].map(({ error: _, nodes, ...entry }) => ({ ...entry, nodes: [...nodes] }));
  }
}
