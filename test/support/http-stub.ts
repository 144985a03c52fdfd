import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseJson } from '../../src/events/json';
import { Changes } from './changes';
import { RestartablePort } from './restartable-port';

/** A request that a stub server got. */
export interface FarRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The body, where it is JSON. */
  readonly json: unknown;
  /** When it was received, in ms since the epoch. */
  readonly time: number;
}

/** What a stub server answers. Default: status 200, no headers, an empty body. */
export interface FarAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** Says what is answered; a promise that settles late makes a slow stub server, and `undefined` hangs up without a word. */
export type FarAnswers = (request: FarRequest) => FarAnswer | undefined | Promise<FarAnswer | undefined>;

/** Somebody's HTTP API on loopback, as an example flow meets it: it keeps what it got and answers what the test says. */
export class HttpStub {
  /** Oldest first. */
  readonly requests: FarRequest[] = [];
  readonly #changes = new Changes();
  readonly #port: RestartablePort;

  private constructor(private answers: FarAnswers) {
    this.#port = new RestartablePort(() => createServer((request, response) => void this.#take(request, response)));
  }

  static async start(answers: FarAnswers = () => ({})): Promise<HttpStub> {
    const stub = new HttpStub(answers);
    await stub.up();
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port.number}`;
  }

  answerWith(answers: FarAnswers): void {
    this.answers = answers;
  }

  /** Resolves once `holds` for the requests so far; rejects after 20 s. */
  until(holds: (requests: readonly FarRequest[]) => boolean): Promise<void> {
    return this.#changes.until(
      () => holds(this.requests),
      () => this.requests.map(({ method, path, body }) => ({ method, path, body })),
    );
  }

  /** From now on connections are refused. */
  down(): Promise<void> {
    return this.#port.close();
  }

  /** Ends `down`, on the same port. */
  up(): Promise<void> {
    return this.#port.open();
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const { method = '', url: path = '', headers } = incoming;
    const body = Buffer.concat(chunks).toString();
    const request = { method, path, headers, body, json: parseJson(body), time: Date.now() };
    this.requests.push(request);
    this.#changes.happened();
    const answer = await this.answers(request);
    if (!answer) return void incoming.socket.destroy();
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? '');
    const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json';
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers });
    response.end(answer.body === undefined ? '' : text);
  }
}
