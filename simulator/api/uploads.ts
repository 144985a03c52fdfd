import { randomUUID } from 'node:crypto';
import { notFound, type Route } from './answer';

const KEPT = 20;

/** Files that were sent by upload. Only the last 20 are kept. */
export class Uploads {
  readonly #files = new Map<string, { bytes: Buffer; type: string }>();
  readonly #baseUrl: () => string;
  /** Serves what was uploaded. */
  readonly route: Route = {
    method: 'GET',
    pattern: '/simulator/files/:id',
    needsToken: false,
    answer: ({ params }) => {
      const file = this.#files.get(params.id ?? '');
      if (!file) return notFound();
      // As a download, so that an uploaded page cannot act as one of the simulator's own.
      const headers = { 'content-type': file.type, 'content-disposition': 'attachment' };
      return { status: 200, body: file.bytes, headers };
    },
  };

  constructor(baseUrl: () => string) {
    this.#baseUrl = baseUrl;
  }

  /** Keeps a file and returns the link under which it is served. */
  keep(bytes: Buffer, type: string): string {
    const id = randomUUID();
    this.#files.set(id, { bytes, type });
    const [oldest] = this.#files.keys();
    if (this.#files.size > KEPT && oldest !== undefined) this.#files.delete(oldest);
    return `${this.#baseUrl()}/simulator/files/${id}`;
  }
}
