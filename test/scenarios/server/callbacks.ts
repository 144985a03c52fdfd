import { failure, success, type Answer } from './faults';
import { isRecord } from '../../../src/events/json';

interface Callback {
  readonly licenseId: number;
  readonly messengerType: string;
  readonly events: readonly string[];
  readonly url: string;
}

/** The callback URLs of the lines: one for each messenger of a line. */
export class Callbacks {
  /** Where set, any other event name is refused. */
  offered: readonly string[] | undefined;
  /** While true, nothing is called. */
  isPaused = false;
  /** Bodies that were sent, with their URLs, so that a test can send them again. */
  readonly sent: { readonly url: string; readonly body: string; readonly status: number }[] = [];
  readonly #all = new Map<string, Callback>();

  list(): Answer {
    return success([...this.#all.values()]);
  }

  get events(): readonly (readonly string[])[] {
    return [...this.#all.values()].map(({ events }) => events);
  }

  /** Tries the URL with an empty body and keeps it only if the answer is 2xx. */
  async put(licenseId: string, messengerType: string, body: unknown): Promise<Answer> {
    if (!isRecord(body) || typeof body.url !== 'string' || !Array.isArray(body.events)) {
      return failure(422, 'ApiValidationError');
    }
    const events = body.events.map(String);
    const unknown = events.find((event) => this.offered && !this.offered.includes(event));
    if (unknown !== undefined) return failure(422, 'ApiValidationError', 'The selected events are invalid.');
    const { url } = body;
    if ((await post(url, '')) >= 300) return failure(422, 'ApiValidationError', 'The url is not available.');
    this.#all.set(`${licenseId}/${messengerType}`, { licenseId: Number(licenseId), messengerType, events, url });
    return success([]);
  }

  remove(licenseId: string, messengerType: string): Answer {
    this.#all.delete(`${licenseId}/${messengerType}`);
    return success([]);
  }

  async call(licenseId: number, messengerType: string, event: string, envelope: unknown): Promise<void> {
    const callback = this.#all.get(`${licenseId}/${messengerType}`);
    if (!callback?.events.includes(event) || this.isPaused) return;
    const body = JSON.stringify(envelope);
    const { url } = callback;
    this.sent.push({ url, body, status: await post(url, body) });
  }

  /** Calls once more with everything that was sent so far, as after answers that were lost. */
  async repeat(): Promise<void> {
    for (const { url, body } of [...this.sent]) await post(url, body);
  }
}

/** The status; 599 where nobody answers. */
async function post(url: string, body: string): Promise<number> {
  try {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 599;
  }
}
