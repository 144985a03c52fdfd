import type { AccountList, ListScope } from '../../account-answers';
import { accounts, type Answer, type Reading } from '../account/account';
import { element, valueOf } from '../page/dom';
import { logBug } from '../page/requests';
import type { Entry } from './entries';
import type { Content } from './picker';

/** A list of the account behind the connection that is chosen in the open dialog of a listener. */
export interface Source<List extends AccountList> {
  /** Undefined while it is being read. */
  readonly answer: () => Answer<List> | undefined;
  /** Reads it. `again`: also if it was read before. */
  readonly read: (again: boolean) => void;
}

/**
 * Reads a list now, and whenever another connection is chosen. `show` is called whenever there is something else to
 * show. `scope` says what the list is narrowed to; undefined if that is not known yet: then nothing is asked.
 */
export function source<List extends AccountList>(
  list: List,
  show: () => void,
  scope: () => ListScope | undefined = () => ({}),
): Source<List> {
  let answer: Answer<List> | undefined;
  let turn = 0;
  const read = (again: boolean): void => {
    turn += 1;
    const mine = turn;
    const narrowed = scope();
    const connection = valueOf(CONNECTION) ?? '';
    answer = undefined;
    show();
    if (!narrowed) {
      answer = { problem: '' };
      return show();
    }
    accounts()
      .read({ connection, list, ...narrowed }, again)
      .then((latest) => {
        if (mine !== turn) return;
        answer = latest;
        show();
      })
      .catch(logBug);
  };
  // By the editor's jQuery: what the editor itself changes, no other handler receives.
  $(element(CONNECTION)).on('change', () => read(false));
  return { answer: () => answer, read };
}

/** What a picker shows of an answer. `otherwise` is worth a try where the account cannot be read. */
export function contentOf<Entries>(
  answer: Reading<Entries> | undefined,
  entriesOf: (entries: Entries) => readonly Entry[],
  otherwise: readonly Entry[] = [],
): Content {
  if (answer === undefined) return { state: 'reading' };
  if ('problem' in answer) {
    const { problem: words, isUnchosen } = answer;
    return {
      state: 'problem',
      words,
      entries: otherwise,
      ...(isUnchosen && { isHint: true }),
      ...(words === '' && { isUnscoped: true }),
    };
  }
  return { state: 'read', entries: entriesOf(answer.entries) };
}

/** The same, for a field next to one that tells already what there is to tell of the account. */
export function withoutWords(content: Content): Content {
  if (content.state === 'reading') return { ...content, isQuiet: true };
  return content.state === 'problem' ? { ...content, words: '' } : content;
}

const CONNECTION = 'node-input-connection';
