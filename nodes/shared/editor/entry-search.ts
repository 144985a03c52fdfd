/** Something to pick: what the field gets, and what people know it by. */
export interface Entry {
  readonly value: string;
  /** Empty where there is none. */
  readonly name: string;
  /** What else tells it apart, such as a phone; some may be empty. */
  readonly details: readonly string[];
  /** What it is found by besides. */
  readonly hidden?: readonly string[];
}

/** What is shown of the entries that fit. */
export interface Found {
  readonly entries: readonly Entry[];
  /** How many more there are than are shown. */
  readonly more: number;
}

/** More rows would take long to draw, and nobody reads them. */
export const MOST_ROWS = 100;

/** Makes a search over entries. It is made once for a list, and then used at each key press. */
export function entrySearch(entries: readonly Entry[]): (query: string) => Found {
  const texts = entries.map((entry) => searched(entry));
  return (query) => {
    const words = folded(query).split(/\s+/).filter(Boolean);
    const found = entries.filter((_, index) => words.every((word) => texts[index]?.includes(word)));
    // Whoever types an id in full means that one.
    const exact = found.filter(({ value }) => value === query.trim());
    const sorted = exact.length === 0 ? found : [...exact, ...found.filter(({ value }) => value !== query.trim())];
    return { entries: sorted.slice(0, MOST_ROWS), more: Math.max(0, sorted.length - MOST_ROWS) };
  };
}

function searched({ value, name, details, hidden = [] }: Entry): string {
  const shown = [value, name, ...details, ...hidden].join('\n');
  // A phone is found however it is written.
  const digits = details.join('\n').replace(/[^\d\n]/g, '');
  return folded(`${shown}\n${digits}`);
}

/** Without case and without accents, whatever the script. */
function folded(text: string): string {
  return text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
}
