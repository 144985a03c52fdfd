import type { LineEntry } from '../../account-answers';
import type { CallbackEntry, CallbackLine } from '../../callback-answers';
import { accounts } from '../account/account';
import { element } from '../page/dom';
import { logBug, requestProblem, send, type Reply } from '../page/requests';
import { text } from '../page/text';
import { CallbackItems, confirmation, type RowActs, type RowExtras } from './callback-list';
import { callbackRows, readCallbacks, summaryOf, type CallbackRow } from './callback-rows';

/** In ms. Longer than Node-RED needs to find out that ChatApp does not answer. */
const WAIT_LIMIT = 60_000;
/** In ms. How long after an answer Node-RED is asked again while a callback is being set, or has failed. */
const ASK_AGAIN = { setting: 2_000, failed: 5_000 } as const;

/** The callbacks in the open dialog of a connection: how each stands as it is deployed, and whose it is. */
export class Callbacks {
  private readonly note = element('chatapp-callbacks-note');
  private readonly list = element('chatapp-callbacks-list');
  private readonly items = new CallbackItems(this.list);
  private readonly extras = new Map<string, RowExtras>();
  private entries: readonly CallbackEntry[] = [];
  private lines: readonly LineEntry[] = [];
  /** Grows with each question: the answer to an older one is of no use any more. */
  private turn = 0;

  /** `id`: of the connection's node. */
  constructor(private readonly id: string) {
    element('chatapp-callbacks-refresh').addEventListener('click', () => this.read());
    element('chatapp-callbacks-renew').addEventListener('click', () => this.askToRenew());
  }

  /** Asks how the callbacks stand, and shows it. */
  read(): void {
    this.extras.clear();
    if (!isDeployed(this.id)) return this.end(text(DEPLOY_FIRST));
    this.tell(text('chatapp-connection.callback.reading'));
    this.ask().catch(logBug);
    this.readNames().catch(logBug);
  }

  private async ask(): Promise<void> {
    const reply = await this.latest(send({ url: this.url(), type: 'GET', timeout: WAIT_LIMIT }));
    if (!reply) return;
    const answer = entriesIn(reply);
    if (reply.status === 404) this.end(text(DEPLOY_FIRST));
    else if (typeof answer === 'string') this.end(answer, true);
    else this.take(answer);
  }

  /** The answer, unless something else was asked meanwhile. */
  private async latest(asking: Promise<Reply>): Promise<Reply | undefined> {
    this.turn += 1;
    const mine = this.turn;
    const reply = await asking;
    return mine === this.turn ? reply : undefined;
  }

  private take(entries: readonly CallbackEntry[]): void {
    this.entries = entries;
    // Why it could not be replaced is of no interest once it is ours.
    for (const row of callbackRows(entries, [])) if (row.question === undefined) this.extras.delete(row.key);
    this.show();
    this.tell(summaryOf(entries));
    this.askLater();
  }

  /** What is being set will soon be set, or fail; what failed is tried again. Nobody is asked for a closed dialog. */
  private askLater(): void {
    const states = new Set(this.entries.map(({ state }) => state));
    const moving = (['setting', 'failed'] as const).find((state) => states.has(state));
    if (moving === undefined) return;
    const mine = this.turn;
    setTimeout(() => {
      if (!this.list.isConnected || mine !== this.turn) return;
      const isAsking =
        this.note.childElementCount > 0 || [...this.extras.values()].some(({ step }) => step !== undefined);
      if (isAsking) this.askLater();
      else this.ask().catch(logBug);
    }, ASK_AGAIN[moving]);
  }

  /** The callbacks are shown at once, by the ids of their lines; the names follow. */
  private async readNames(): Promise<void> {
    const answer = await accounts().read({ connection: this.id, list: 'lines' });
    if (!('entries' in answer)) return;
    this.lines = answer.entries;
    this.show();
  }

  private actsOf(row: CallbackRow): RowActs {
    return {
      ask: () => {
        const mayReplace = RED.user.hasPermission('chatapp.write');
        this.set(row, mayReplace ? { step: 'asking' } : { problem: text(FORBIDDEN) });
      },
      leave: () => this.set(row, {}),
      replace: () => {
        this.replace(row).catch(logBug);
      },
    };
  }

  private async replace(row: CallbackRow): Promise<void> {
    this.set(row, { step: 'replacing' });
    const body: CallbackLine = { licenseId: row.licenseId, messengerType: row.messengerType };
    const reply = await this.latest(send({ url: `${this.url()}/replace`, type: 'POST', body, timeout: WAIT_LIMIT }));
    if (!reply) return;
    // What this row shows is not there any more: how does it stand now?
    if (reply.status === 404) return this.read();
    const answer = entriesIn(reply, FORBIDDEN);
    if (typeof answer === 'string') {
      this.set(row, { problem: answer });
      return this.askLater();
    }
    this.extras.delete(row.key);
    this.take(answer);
    this.items.focus(row.key);
  }

  private askToRenew(): void {
    if (!isDeployed(this.id)) return this.end(text(DEPLOY_FIRST));
    if (!RED.user.hasPermission('chatapp.write')) return this.tell(text(FORBIDDEN), true);
    const question = confirmation({
      question: text('chatapp-connection.callback.askToRenew'),
      yes: text('chatapp-connection.callback.renew'),
      act: () => {
        this.renew().catch(logBug);
      },
      leave: () => this.tell(summaryOf(this.entries)),
    });
    this.tell('');
    this.note.append(question);
    question.querySelector('button')?.focus();
  }

  /** Lets Node-RED make another secret, so that nobody who knows the old addresses can use them. */
  private async renew(): Promise<void> {
    element('chatapp-callbacks-renew').focus();
    this.tell(text('chatapp-connection.callback.renewing'));
    const reply = await this.latest(send({ url: `${this.url()}/renew`, type: 'POST', body: {}, timeout: WAIT_LIMIT }));
    if (!reply) return;
    const answer = entriesIn(reply, FORBIDDEN);
    if (typeof answer === 'string') return this.tell(answer, true);
    this.take(answer);
    this.tell(`${text('chatapp-connection.callback.renewed')} ${summaryOf(answer)}`);
  }

  private set(row: CallbackRow, extras: RowExtras): void {
    this.extras.set(row.key, extras);
    this.show();
    // The button that was pressed is gone.
    this.items.focus(row.key);
  }

  private show(): void {
    this.items.show(
      callbackRows(this.entries, this.lines),
      ({ key }) => this.extras.get(key) ?? {},
      (row) => this.actsOf(row),
    );
  }

  /** There is nothing to show, and this is why. */
  private end(words: string, isProblem = false): void {
    this.turn += 1;
    this.entries = [];
    this.show();
    this.tell(words, isProblem);
  }

  private tell(words: string, isProblem = false): void {
    this.note.textContent = words;
    this.note.classList.toggle('chatapp-problem', isProblem);
  }

  private url(): string {
    // Relative: the editor may live under any path.
    return `chatapp/callbacks/${encodeURIComponent(this.id)}`;
  }
}

const DEPLOY_FIRST = 'chatapp-connection.callback.deployFirst';
const FORBIDDEN = 'chatapp-connection.callback.forbidden';

/** What Node-RED answered, or why it did not. */
function entriesIn({ status, body }: Reply, forbidden?: string): readonly CallbackEntry[] | string {
  if (status !== 200) return requestProblem(status, body, forbidden);
  return readCallbacks(body) ?? text('account.oddAnswer', { status });
}

/** Whether Node-RED has the connection as the editor has it, with callbacks. */
function isDeployed(id: string): boolean {
  const node = RED.nodes.node(id);
  if (!node || node.changed === true) return false;
  // Flows from before webhooks do not say.
  return 'receive' in node && typeof node.receive === 'string' && !['', 'socket'].includes(node.receive);
}
