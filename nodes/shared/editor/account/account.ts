import type { AccountList, AccountLists, ListScope } from '../../account-answers';
import { logBug, requestProblem, send, type Reply } from '../page/requests';
import { text } from '../page/text';
import { READ } from './answers';
import { draftOf } from './credentials';

/** Which list of which account. */
export interface Question<List extends AccountList> extends ListScope {
  /** The id of the connection's node; anything else means that none is chosen. */
  readonly connection: string;
  readonly list: List;
}

/** What the account holds, or one line of text that says why that is not known and what to do about it. */
export type Answer<List extends AccountList> = Reading<AccountLists[List]>;

/** What was read, or why it was not. `isUnchosen` if nobody has chosen a connection yet: nothing is wrong then. */
export type Reading<Entries> = { readonly entries: Entries } | { readonly problem: string; readonly isUnchosen?: true };

interface Kept<List extends AccountList> {
  /** What the connection was when it was asked. */
  readonly of: string;
  readonly asking: Promise<Answer<List>>;
}

type KeptAnswers = { readonly [List in AccountList]: Map<string, Kept<List>> };

type GoodAnswers = { readonly [List in AccountList]: Map<string, AccountLists[List]> };

/** In ms. Longer than Node-RED needs to find out that ChatApp does not answer. */
const WAIT_LIMIT = 60_000;
/** In ms. Right after a deploy, Node-RED may not have the connection yet. */
const SECOND_TRY = 2_000;

/** What the accounts behind the connections hold. Each list is asked for once in the life of the page. */
export class Accounts {
  private readonly answers: KeptAnswers = {
    lines: new Map(),
    companies: new Map(),
    employees: new Map(),
    templates: new Map(),
    chats: new Map(),
  };
  /** The last good answers, also those that are asked for again: a name from before is better than none. */
  private readonly good: GoodAnswers = {
    lines: new Map(),
    companies: new Map(),
    employees: new Map(),
    templates: new Map(),
    chats: new Map(),
  };
  private readonly glimpsed = new Set<string>();
  private readonly watchers: (() => void)[] = [];

  constructor() {
    RED.events.on('editor:save', ({ id, type }) => {
      // A new password leaves no trace in the settings.
      if (type === 'chatapp-connection') this.forget(id);
    });
    // What was not deployed until now may answer from now on.
    RED.events.on('deploy', () => this.glimpsed.clear());
  }

  /** Calls `act` whenever more is known. */
  watch(act: () => void): void {
    this.watchers.push(act);
  }

  /** Reads a list of the account as the connection stands in the editor. `again`: also if it was read before. */
  async read<List extends AccountList>(question: Question<List>, again = false): Promise<Answer<List>> {
    const node = RED.nodes.node(question.connection);
    if (node?.type !== 'chatapp-connection') return { problem: text('account.noConnection'), isUnchosen: true };
    const of = stateOf(node);
    const answers = this.answers[question.list];
    const before = answers.get(keyOf(question));
    if (before?.of === of && !again) return before.asking;
    const asking = this.answerOf(question, ask(question, node));
    answers.set(keyOf(question), { of, asking });
    const answer = await asking;
    // What failed may work the next time that someone looks.
    if ('problem' in answer && answers.get(keyOf(question))?.asking === asking) answers.delete(keyOf(question));
    return answer;
  }

  /**
   * What is known of a list. What is not yet is asked for once, in silence and only where the connection is deployed:
   * `watch` tells when it is there.
   */
  known<List extends AccountList>(question: Question<List>): AccountLists[List] | undefined {
    const node = RED.nodes.node(question.connection);
    const name = `${question.list} ${keyOf(question)}`;
    if (node?.type === 'chatapp-connection' && node.changed !== true && !this.glimpsed.has(name)) {
      this.glimpsed.add(name);
      if (!this.answers[question.list].has(keyOf(question))) this.glimpse(question, stateOf(node)).catch(logBug);
    }
    return this.good[question.list].get(keyOf(question));
  }

  private async glimpse<List extends AccountList>(question: Question<List>, of: string): Promise<void> {
    const first = await sendGet(question);
    if (first.status === 404) await new Promise((resolve) => setTimeout(resolve, SECOND_TRY));
    const answer = await this.answerOf(question, first.status === 404 ? sendGet(question) : Promise.resolve(first));
    const isUnreported = 'entries' in answer && !this.answers[question.list].has(keyOf(question));
    if (isUnreported) this.answers[question.list].set(keyOf(question), { of, asking: Promise.resolve(answer) });
  }

  private async answerOf<List extends AccountList>(
    question: Question<List>,
    reply: Promise<Reply>,
  ): Promise<Answer<List>> {
    const { status, body } = await reply;
    if (status !== 200) return { problem: requestProblem(status, body) };
    const entries = READ[question.list](body);
    this.good[question.list].set(keyOf(question), entries);
    for (const act of this.watchers) act();
    return { entries };
  }

  private forget(connection: string): void {
    for (const answers of Object.values(this.answers)) {
      for (const key of [...answers.keys()]) if (key.startsWith(`${connection} `)) answers.delete(key);
    }
    for (const name of [...this.glimpsed]) if (name.split(' ')[1] === connection) this.glimpsed.delete(name);
  }
}

let shared: Accounts | undefined;

/** The accounts of this page, for all node types. */
export function accounts(): Accounts {
  return (shared ??= new Accounts());
}

/** A connection that Node-RED has as it stands here is asked as it is; for any other one Node-RED gets a draft. */
async function ask(question: Question<AccountList>, node: EditorNode): Promise<Reply> {
  const deployed = node.changed === true ? undefined : await sendGet(question);
  if (deployed && deployed.status !== 404) return deployed;
  const url = `chatapp/account/${question.list}${queryOf(question)}`;
  return send({ url, type: 'POST', body: draftOf(node), timeout: WAIT_LIMIT });
}

function sendGet(question: Question<AccountList>): Promise<Reply> {
  const connection = encodeURIComponent(question.connection);
  // Relative: the editor may live under any path.
  const url = `chatapp/account/${connection}/${question.list}${queryOf(question)}`;
  return send({ url, type: 'GET', timeout: WAIT_LIMIT });
}

/** What an answer belongs to: the connection as it stands, deployed or not. */
function stateOf(node: EditorNode): string {
  return JSON.stringify([node.changed === true, draftOf(node).settings]);
}

function queryOf({ company, line, messenger }: ListScope): string {
  const given = Object.entries({ company, line, messenger }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? '' : `?${given.join('&')}`;
}

function keyOf({ connection, company = '', line = '', messenger = '' }: Question<AccountList>): string {
  return [connection, company, line, messenger].join(' ');
}
