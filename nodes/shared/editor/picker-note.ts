import type { Entry } from './entry-search';
import { text } from './text';
import { isEnvironment, type Check } from './validate';

/** What a picker knows of the account. */
export type Content =
  /** `isQuiet` where another field tells so. */
  | { readonly state: 'reading'; readonly isQuiet?: true }
  | { readonly state: 'read'; readonly entries: readonly Entry[] }
  /**
   * `words` may be empty, if another field shows them; `entries` are worth a try all the same. `isHint` if nothing is wrong
   * yet, as in a dialog that was just opened.
   */
  | {
      readonly state: 'problem';
      readonly words: string;
      readonly entries: readonly Entry[];
      readonly isHint?: true;
      /** Nothing was asked yet: another field comes first. */
      readonly isUnscoped?: boolean;
    };

export interface Note {
  readonly words: string;
  readonly kind: 'name' | 'hint' | 'problem';
}

/** What stands below a picker's field: whom the value means, or why nobody knows. */
export function noteOf(content: Content, value: string, check: Check, unknown = text('picker.unknown')): Note {
  if (content.state === 'reading') return { words: content.isQuiet ? '' : text('account.reading'), kind: 'hint' };
  if (content.state === 'problem' && content.words !== '') {
    return { words: content.words, kind: content.isHint ? 'hint' : 'problem' };
  }
  const entry = content.entries.find((one) => one.value === value);
  if (value === '' || isEnvironment(value)) return { words: '', kind: 'hint' };
  if (entry) return { words: [entry.name, ...entry.details].filter(Boolean).join(' · '), kind: 'name' };
  if (content.state === 'problem') return { words: '', kind: 'hint' };
  if (check(value) !== undefined) return { words: text('picker.noId'), kind: 'problem' };
  // The id may be right later, when the account has it.
  return { words: unknown, kind: 'hint' };
}
