import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

interface PostRules {
  /** In ms, for the whole of it. */
  readonly timeoutMs: number;
  /** Hangs up as soon as the body is out. */
  readonly hangsUp?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Posts JSON, or an empty body, on a connection of its own. Resolves with the status of the answer, redirects as they
 * are; with 0 where none came.
 */
export function post(url: string, body: string, { timeoutMs, hangsUp = false, signal }: PostRules): Promise<number> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const length = Buffer.byteLength(body);
  const headers = { 'content-length': length, ...(length > 0 && { 'content-type': 'application/json' }) };
  return new Promise((resolve) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const sent = request(url, { method: 'POST', headers, agent: false, signal: within });
    sent.on('response', (response) => {
      // The answer is its status; it is over when the rest of it was read, or cannot be read.
      response.on('close', () => resolve(response.statusCode ?? 0)).on('error', () => undefined);
      response.resume();
    });
    sent.on('error', () => resolve(0));
    if (hangsUp) sent.on('finish', () => sent.destroy(new Error('The simulator does not wait for an answer.')));
    sent.end(body);
  });
}
