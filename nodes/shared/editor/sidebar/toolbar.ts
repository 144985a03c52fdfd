import { make } from '../page/dom';
import { text } from '../page/text';
import type { Count, Wanted } from './rows';

/** Above the list: how much needs attention, what to search, and whether all is shown. */
export class Toolbar {
  readonly element = make('div', 'red-ui-sidebar-header chatapp-toolbar');
  private readonly summary = make('div', 'chatapp-summary');
  private readonly search = make('input', '');
  private readonly only = make('input', '');

  constructor(onChange: () => void) {
    const words = text('chatapp-sidebar.search');
    this.search.type = 'search';
    this.search.placeholder = words;
    this.search.setAttribute('aria-label', words);
    this.search.addEventListener('input', onChange);
    this.only.type = 'checkbox';
    this.only.addEventListener('change', onChange);
    const choice = make('label', 'chatapp-only');
    choice.append(this.only, make('span', '', text('chatapp-sidebar.onlyAttention')));
    this.summary.setAttribute('role', 'status');
    this.element.append(this.summary, this.search, choice);
  }

  get wanted(): Wanted {
    return { search: this.search.value.trim().toLowerCase(), onlyAttention: this.only.checked };
  }

  /** How many rows need attention, and in how many something is in progress; undefined while nobody knows. */
  showCount(count: Count | undefined): void {
    const words = count === undefined ? '' : wordsOf(count);
    this.summary.dataset.level = count?.attention === 0 ? 'ok' : 'warn';
    // What stays as it is is not read out again.
    if (this.summary.textContent !== words) this.summary.textContent = words;
  }
}

function wordsOf({ attention, busy }: Count): string {
  if (attention > 0) return text('chatapp-sidebar.attention', { number: attention });
  return busy > 0 ? text('chatapp-sidebar.busy', { number: busy }) : text('chatapp-sidebar.allGood');
}
