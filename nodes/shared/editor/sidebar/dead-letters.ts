import { isRecord } from '../../../../src/events/json';
import type { DeadLetterEntry, DeadLetterList } from '../../dead-letter-answers';
import { make } from '../page/dom';
import { logBug, requestProblem, send, type Reply } from '../page/requests';
import { text, textWith } from '../page/text';
import { confirmation } from '../webhooks/callback-list';
import { actButton, factList, type Fact } from './parts';
import { Times } from './times';

/** In ms. */
const WAIT_LIMIT = 15_000;

interface Place {
  /** The ids of the nodes. */
  readonly connection: string;
  readonly listener: string;
}

/** The dead letters of a listener: each can be seen, delivered again and discarded by those who may. */
export class DeadLetters {
  private readonly list = make('ul', 'chatapp-letters');
  private readonly note = make('p', 'chatapp-note');

  constructor(
    private readonly panel: HTMLElement,
    private readonly place: Place,
    private readonly mayWrite: boolean,
    private readonly onResize: () => void,
  ) {
    this.note.setAttribute('role', 'status');
  }

  open(): void {
    this.panel.replaceChildren(this.note, this.list);
    this.read().catch(logBug);
  }

  /** Reads the newest letters, or those before one. */
  private async read(before?: DeadLetterEntry): Promise<void> {
    const from = before === undefined ? '' : `&before=${before.id}`;
    const reply = await this.ask('GET', `?listener=${encodeURIComponent(this.place.listener)}${from}`);
    const answer = reply.body;
    if (reply.status !== 200 || !isDeadLetterList(answer)) return this.say(problemOf(reply));
    if (before === undefined) this.list.replaceChildren();
    this.list.append(...answer.letters.map((letter) => this.itemOf(letter, new Times(reply.sentAt))));
    const last = answer.letters[answer.letters.length - 1];
    if (answer.hasMore && last) this.list.append(this.more(last));
    if (answer.nats) this.say(textWith('chatapp-sidebar.letter.inNats', answer.nats));
    else this.say(this.list.childElementCount === 0 ? text('chatapp-sidebar.letter.none') : '');
  }

  private more(last: DeadLetterEntry): HTMLElement {
    const item = make('li', '');
    const read = (): void => {
      item.remove();
      this.read(last).catch(logBug);
    };
    item.append(actButton('more', last.event, read));
    return item;
  }

  private itemOf(letter: DeadLetterEntry, times: Times): HTMLElement {
    const { event, receivedAt, at, attempts, reason, status } = letter;
    const fact = (name: string, words: string, title?: string): Fact => ({
      name: text(`chatapp-sidebar.letter.${name}`),
      words,
      ...(title !== undefined && { title }),
    });
    const item = make('li', '');
    const facts = [
      fact('receivedAt', times.ago(receivedAt), times.exact(receivedAt)),
      ...(at === undefined ? [] : [fact('at', times.ago(at), times.exact(at))]),
      ...(attempts === undefined ? [] : [fact('attempts', String(attempts))]),
      ...(reason === undefined ? [] : [fact('reason', text(`chatapp-sidebar.letter.why.${reason}`))]),
      ...(status === undefined ? [] : [fact('status', status)]),
    ];
    item.append(make('b', '', event), factList(facts));
    if (this.mayWrite) item.append(this.buttonsOf(letter, item));
    return item;
  }

  private buttonsOf(letter: DeadLetterEntry, item: HTMLElement): HTMLElement {
    const below = make('div', '');
    const about = letter.event;
    const ask = (act: 'redeliver' | 'discard') => (button: HTMLButtonElement) => {
      const leave = (): void => {
        below.replaceChildren();
        this.onResize();
        button.focus();
      };
      const yes = text(`chatapp-sidebar.act.${act}`);
      const question = text(`chatapp-sidebar.letter.${act}`);
      const carryOut = (): void => {
        this.carryOut(act, letter, item, below).catch(logBug);
      };
      below.replaceChildren(
        confirmation({ question, yes, no: text('chatapp-sidebar.act.cancel'), act: carryOut, leave }),
      );
      this.onResize();
      below.querySelector('button')?.focus();
    };
    const bar = make('div', 'chatapp-bar');
    const show = actButton('showLetter', about, () => {
      this.show(letter, below).catch(logBug);
    });
    bar.append(show, actButton('redeliver', about, ask('redeliver')), actButton('discard', about, ask('discard')));
    const all = make('div', '');
    all.append(bar, below);
    return all;
  }

  /** Shows the `msg`, with what the customer has written. */
  private async show({ id }: DeadLetterEntry, below: HTMLElement): Promise<void> {
    const reply = await this.ask('GET', `/${id}`);
    const isShown = reply.status === 200;
    const words = isShown ? JSON.stringify(reply.body, undefined, 2) : problemOf(reply);
    const shown = make(isShown ? 'pre' : 'p', isShown ? 'chatapp-letter' : 'chatapp-problem', words);
    if (isShown) shown.tabIndex = 0;
    below.replaceChildren(shown);
    this.onResize();
  }

  private async carryOut(act: string, { id }: DeadLetterEntry, item: HTMLElement, below: HTMLElement): Promise<void> {
    const reply = await this.ask('POST', `/${id}/${act}`);
    // One that is gone was taken by somebody else.
    if (reply.status === 200 || reply.status === 404) {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      next?.querySelector('button')?.focus();
      return this.say(
        text(reply.status === 404 ? 'chatapp-sidebar.letter.gone' : `chatapp-sidebar.letter.done.${act}`),
      );
    }
    below.replaceChildren(make('p', 'chatapp-problem', problemOf(reply)));
    this.onResize();
  }

  private ask(type: 'GET' | 'POST', rest: string): Promise<Reply> {
    const url = `chatapp/dead-letters/${encodeURIComponent(this.place.connection)}${rest}`;
    return send({ url, type, timeout: WAIT_LIMIT, ...(type === 'POST' && { body: {} }) });
  }

  private say(words: string): void {
    this.note.textContent = words;
    this.onResize();
  }
}

function isDeadLetterList(answer: unknown): answer is DeadLetterList {
  return isRecord(answer) && Array.isArray(answer.letters) && answer.letters.every((letter) => isRecord(letter));
}

function problemOf({ status, body }: Reply): string {
  if (status === 409) return text('chatapp-sidebar.letter.noListener');
  return requestProblem(status, body, 'chatapp-sidebar.mayNotWrite');
}
