import type { Page } from 'playwright-core';
import type { HealthAnswer } from '../../nodes/shared/health-answers';
import { parseJson } from '../../src/events/json';

/** What was asked of Node-RED about the state of connections. */
export interface AskedAboutHealth {
  readonly method: string;
  /** From `chatapp/` on. */
  readonly path: string;
  /** The JSON that was sent. */
  readonly body: unknown;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Answers what the sidebar asks in place of Node-RED, so that every state can be had. */
export class HealthAnswers {
  readonly asked: AskedAboutHealth[] = [];
  private readonly replies = new Map<string, Reply>();

  /** `now`: what Node-RED's machine takes the time to be, in ms since the epoch. */
  constructor(private readonly now: number) {}

  async open(page: Page): Promise<void> {
    await page.route(/\/chatapp\/(health|gap|diagnostics|dead-letters|check)\b/, async (route) => {
      const request = route.request();
      const { pathname, search } = new URL(request.url());
      const path = pathname.slice(pathname.indexOf('chatapp/')) + search;
      this.asked.push({ method: request.method(), path, body: parseJson(request.postData() ?? '') });
      const reply = this.replies.get(`${request.method()} ${path}`) ?? { status: 404, body: {} };
      if (reply.status === 0) return route.abort();
      return route.fulfill({
        status: reply.status,
        headers: { date: new Date(this.now).toUTCString() },
        contentType: typeof reply.body === 'string' ? 'text/plain' : 'application/json',
        body: typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body),
      });
    });
  }

  /** The state from now on. */
  show(answer: HealthAnswer): void {
    this.answerWith('GET', 'chatapp/health', 200, answer);
  }

  /** `status` 0: there is no answer. */
  answerWith(method: 'GET' | 'POST', path: string, status: number, body: unknown): void {
    this.replies.set(`${method} ${path}`, { status, body });
  }

  /** The paths that were asked for by this method, but for the state itself. */
  asks(method: 'GET' | 'POST'): string[] {
    return this.asked.filter((one) => one.method === method && one.path !== 'chatapp/health').map(({ path }) => path);
  }
}
