/** Which requests ask for a list of chats, and for the messages of a chat. */
export const LIST_OF_CHATS = /GET .*\/chats\?/;
export const MESSAGES = /\/messages\?/;

/** What the API answers. A text goes out as HTML, anything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** In real ms, before the answer. */
  readonly delay?: number;
  /** By how many ms the server's clock is wrong in the answer. */
  readonly ahead?: number;
  /** No answer: the connection breaks. */
  readonly breaks?: boolean;
}

/** A request, as `GET /v1/licenses?x=y`, and the answer that it would get. */
export type Spoil = (right: Answer, request: string) => Answer;

interface Fault {
  readonly requests: RegExp;
  readonly spoil: Spoil;
  left: number;
}

/** Answers that a test has made wrong. */
export class Faults {
  readonly #faults = new Set<Fault>();

  /** Spoils the next `times` answers to requests that match. Returns what ends it. */
  add(requests: RegExp, spoil: Spoil, times = Infinity): () => void {
    const fault: Fault = { requests, spoil, left: times };
    this.#faults.add(fault);
    return () => this.#faults.delete(fault);
  }

  applyTo(right: Answer, request: string): Answer {
    let answer = right;
    for (const fault of this.#faults) {
      if (fault.left <= 0 || !fault.requests.test(request)) continue;
      fault.left -= 1;
      answer = fault.spoil(answer, request);
    }
    return answer;
  }
}

export function failure(status: number, code: string, message = code): Answer {
  return { status, body: { success: false, error: { code, message } } };
}

export function success(data: unknown): Answer {
  return { status: 200, body: { success: true, data } };
}
