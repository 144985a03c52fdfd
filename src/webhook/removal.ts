import { ApiError } from '../api/api-error';
import type { CallbackUrl } from '../api/callback-urls';
import type { Line } from '../api/lines';
import { isOurs } from './address';
import { lineText } from './callback-state';
import type { Log } from '../log';

export interface RemovalOptions {
  /** The public address below which callbacks come in, without secret and line. */
  readonly baseUrl: string;
  readonly secret: () => Promise<string>;
  readonly read: () => Promise<CallbackUrl[]>;
  readonly remove: (line: Line) => Promise<void>;
  readonly log: Log;
}

/** Removes callbacks that are not wanted any more, and only where they are still ours. */
export class Removal {
  /** By the line's text. */
  readonly #lines = new Map<string, Line>();
  /** How often in a row ChatApp could not do it. */
  failures = 0;

  constructor(private readonly options: RemovalOptions) {}

  /** How many are still to be removed. */
  get size(): number {
    return this.#lines.size;
  }

  add(name: string, line: Line): void {
    this.#lines.set(name, line);
  }

  /** The line is wanted again. */
  cancel(name: string): void {
    this.#lines.delete(name);
  }

  /** Removes what is to be removed out of `urls`; what fails for now stays to be done. Never rejects. */
  async run(urls: ReadonlyMap<string, CallbackUrl>, secret: string): Promise<void> {
    await Promise.all([...this.#lines].map(([name, line]) => this.#remove(name, line, urls.get(name), secret)));
  }

  /** Removes every callback of ours that ChatApp has. Never rejects. */
  async all(): Promise<void> {
    const { baseUrl, remove, read, log } = this.options;
    try {
      const secret = await this.options.secret();
      const ours = (await read()).filter(({ url }) => isOurs(url, baseUrl, secret));
      await Promise.all(ours.map((line) => remove(line)));
      for (const line of ours) log.info(`The webhook of ${lineText(line)} is removed`);
    } catch {
      log.warn('The webhooks could not be removed: ChatApp goes on calling this Node-RED without success');
    }
  }

  async #remove(name: string, line: Line, found: CallbackUrl | undefined, secret: string): Promise<void> {
    const { baseUrl, remove, log } = this.options;
    try {
      if (found && isOurs(found.url, baseUrl, secret)) {
        await remove(line);
        log.info(`The webhook of ${name} is removed`);
      }
      this.failures = 0;
      this.#lines.delete(name);
    } catch (error) {
      this.failures += 1;
      if (error instanceof ApiError && error.passing) return;
      this.#lines.delete(name);
      log.warn(`The webhook of ${name} could not be removed`);
    }
  }
}
