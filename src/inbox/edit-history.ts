import { EVENT_SOURCES, type EventSource } from '../events/event-key';

/** How many edits of one message are kept; of more, the oldest are forgotten. */
const MAX_EDITS = 100;

/**
 * The accepted edits of one message, oldest first, and how far each source has followed them. 0 stands for the message
 * as it was before its first edit.
 *
 * Each source brings edits in their order, but one may be behind the other: what the slower one brings is found further
 * on in the list. A source that has reached the end knows the latest edit, so anything else that it brings is newer,
 * also if the text was the same before.
 */
export class EditHistory {
  readonly #edits: number[];
  /** The index that each of `EVENT_SOURCES` has reached; -1 before the first. */
  readonly #reached = EVENT_SOURCES.map(() => -1);

  constructor(edits: readonly number[]) {
    this.#edits = [...edits];
  }

  get isEmpty(): boolean {
    return this.#edits.length === 0;
  }

  has(edit: number): boolean {
    return this.#edits.includes(edit);
  }

  /** Adds an edit. False if it is a duplicate, or older than the latest edit. */
  add(edit: number, source: EventSource): boolean {
    const index = EVENT_SOURCES.indexOf(source);
    const reached = this.#reached[index] ?? -1;
    // The source repeats itself. The same text further on in the list was another edit.
    if (this.#edits[reached] === edit) return false;
    const next = this.#edits.indexOf(edit, reached + 1);
    if (next >= 0) {
      this.#reached[index] = next;
      return false;
    }
    const last = this.#edits.length - 1;
    const isOlder = reached < last && this.#edits.includes(edit);
    // An edited message never becomes unedited: this is what it said before.
    if (isOlder || edit === 0) return false;
    this.#edits.push(edit);
    this.#reached[index] = last + 1;
    if (this.#edits.length > MAX_EDITS) this.#removeAt(0);
    return true;
  }

  /** Removes the edit that was added last, or an earlier one. */
  remove(edit: number): void {
    const index = this.#edits.lastIndexOf(edit);
    if (index >= 0) this.#removeAt(index);
  }

  #removeAt(removed: number): void {
    this.#edits.splice(removed, 1);
    for (const [index, reached] of this.#reached.entries()) if (reached >= removed) this.#reached[index] = reached - 1;
  }
}
