import type { HttpAnswer, HttpRequest, Network } from '../../src/api/network';

/** What a request looked like when it left. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** A body that is no text. */
  readonly bytes?: Buffer;
}

/** A text goes out as it is, `json` as JSON. `endless` begins a body and never ends it. */
export interface FakeAnswer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly endless?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error is what the network fails with once the request has left; as `unsent`, before it could. `hang` is no answer
 * at all, `no way` not even a connection.
 */
export type Outcome = FakeAnswer | Error | { readonly unsent: Error } | 'hang' | 'no way';

/** A network without wires: each request gets the outcome that `answer` chooses. */
export class FakeNetwork implements Network {
  readonly requests: SentRequest[] = [];

  constructor(private readonly answer: (request: SentRequest, count: number) => Outcome | Promise<Outcome>) {}

  /** The paths that were asked for, in order. */
  get paths(): string[] {
    return this.requests.map(({ method, url }) => `${method} ${url.pathname}`);
  }

  async fetch(url: string, { method, headers, body, signal, onLeave }: HttpRequest): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const text = typeof body === 'string' ? body : undefined;
    const request = { method, url: new URL(url), headers, body: text, ...(Buffer.isBuffer(body) && { bytes: body }) };
    this.requests.push(request);
    const outcome = await Promise.race([this.answer(request, this.requests.length), aborted(signal)]);
    if (outcome === 'no way') return aborted(signal);
    if (typeof outcome === 'object' && 'unsent' in outcome) throw outcome.unsent;
    onLeave?.();
    if (outcome instanceof Error) throw outcome;
    return outcome === 'hang' ? aborted(signal) : httpAnswer(outcome, signal);
  }

  socketOptions(): object {
    return {};
  }

  async close(): Promise<void> {
    // There is nothing to close.
  }
}

/** An answer as ChatApp gives it when all went well. */
export function ok(data: unknown): FakeAnswer {
  return { json: { success: true, data } };
}

/** An answer as ChatApp gives it when it refuses. */
export function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): FakeAnswer {
  return { status, json: { success: false, error: { code, message: 'words of a server' } }, headers };
}

function httpAnswer({ status = 200, json, text, endless, headers = {} }: FakeAnswer, signal: AbortSignal): HttpAnswer {
  const body = text ?? (json === undefined ? '' : JSON.stringify(json));
  return {
    status,
    headers: new Headers(headers),
    text: () => (endless ? aborted(signal) : Promise.resolve(body)),
  };
}

/** As `fetch` does it: rejects when the request is given up. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new DOMException('This operation was aborted', 'AbortError'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
