import type { Page } from 'playwright-core';
import type { CallbackEntry } from '../../nodes/shared/callback-answers';
import { parseJson } from '../../src/events/json';

/** What was asked of Node-RED about callbacks, in the order in which it was. */
export interface AskedAboutCallbacks {
  readonly method: string;
  /** From the host on. */
  readonly path: string;
  /** The JSON that was sent. */
  readonly body: unknown;
}

/** Answers what the editor asks about callbacks in place of Node-RED, so that every ending can be had. */
export class CallbackAnswers {
  readonly asked: AskedAboutCallbacks[] = [];
  /** The answers to the next requests; the last one is repeated. */
  private list: (readonly CallbackEntry[])[] = [[]];
  private replacement: unknown = undefined;
  private status = { GET: 200, POST: 200 };

  /** Stands between the page and Node-RED from now on. */
  async open(page: Page): Promise<void> {
    await page.route('**/chatapp/callbacks/**', async (route) => {
      const request = route.request();
      const method = request.method() === 'POST' ? 'POST' : 'GET';
      this.asked.push({
        method,
        path: new URL(request.url()).pathname,
        body: parseJson(request.postData() ?? ''),
      });
      const status = this.status[method];
      if (status === 0) await route.abort();
      else await route.fulfill({ status, json: this.answerTo(method) });
    });
  }

  /** From now on, this is how the callbacks stand; several lists are given one after the other. */
  show(...lists: readonly (readonly CallbackEntry[])[]): void {
    this.list = [...lists];
    this.status = { GET: 200, POST: 200 };
    this.replacement = undefined;
    this.asked.length = 0;
  }

  /** From now on, this is answered; status 0: nobody answers. */
  answerWith(method: 'GET' | 'POST', status: number, body: unknown): void {
    this.status[method] = status;
    this.replacement = body;
  }

  private answerTo(method: 'GET' | 'POST'): unknown {
    if (this.status[method] !== 200 || this.replacement !== undefined) return this.replacement ?? {};
    const callbacks = this.list[0] ?? [];
    if (this.list.length > 1) this.list.shift();
    return { callbacks };
  }
}
