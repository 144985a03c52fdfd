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
  return { code, reason, params: ownParams(params) };
}

function ownParams(params: ErrorParams): ErrorParams {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !FOREIGN_WORDS.has(name)));
}

interface Entry extends Failure {
  readonly at: number;
  readonly error: ChatAppError;
  readonly nodes: Set<string>;
}

/** The latest errors of a connection. */
export class ErrorLog {
  readonly #entries: Entry[] = [];

  constructor(private readonly clock: Clock) {}

  /** @param node the id of the node that it concerns; absent if it concerns the whole connection */
  note(error: ChatAppError, node?: string): void {
    const entry = this.#entries.find((one) => one.error === error) ?? this.#add(error);
    if (node !== undefined && entry.nodes.size < MAX_NODES) entry.nodes.add(node);
  }

  /** Oldest first. */
  get all(): ReportedError[] {
    return this.#entries.map(({ error: _, nodes, ...entry }) => ({ ...entry, nodes: [...nodes] }));
  }

  #add(error: ChatAppError): Entry {
    const entry = { ...failureOf(error), at: shownTime(this.clock), error, nodes: new Set<string>() };
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ERRORS) this.#entries.shift();
    return entry;
  }
}
