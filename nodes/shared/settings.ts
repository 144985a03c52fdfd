import { ChatAppError } from '../../src/errors';
import { isId, isMessengerType } from '../../src/events';
import { isRecord } from '../../src/events/json';

/**
 * Reads the saved properties of a node. The editor checks them too, but flows are also edited by hand, generated and
 * filled from environment variables: whatever stands there, each problem is noted with its field, and nothing throws.
 */
export class Settings {
  readonly problems: ChatAppError[] = [];
  readonly #saved: Readonly<Record<string, unknown>>;

  constructor(saved: unknown) {
    this.#saved = isRecord(saved) ? saved : {};
  }

  /** A text without white space around it; `undefined` where it is empty. Numbers count as text. */
  text(field: string): string | undefined {
    const value = this.#saved[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') return this.refuse(field, 'a text');
    const text = String(value).trim();
    const variable = /^\$\{(.+)\}$/.exec(text)?.[1];
    if (variable !== undefined) return this.refuse(field, `the environment variable ${variable} is not set`);
    return text === '' ? undefined : text;
  }

  /** A text as it is: a password may well begin with a space. Empty where there is none. */
  requiredSecret(field: string, wanted: string): string {
    const value = this.#saved[field];
    const text = this.requiredText(field, wanted);
    return typeof value === 'string' ? value : text;
  }

  requiredText(field: string, wanted: string): string {
    return this.#required(field, wanted, this.text(field));
  }

  /** The id of a line, a company or a user; `undefined` where it is empty. */
  id(field: string): string | undefined {
    const text = this.text(field);
    return text === undefined || isId(text) ? text : this.refuse(field, 'an id is made of digits');
  }

  requiredId(field: string): string {
    return this.#required(field, 'an id made of digits', this.id(field));
  }

  messengerType(field: string): string | undefined {
    const text = this.text(field);
    if (text === undefined || isMessengerType(text)) return text;
    return this.refuse(field, 'a messenger type is made of letters and digits, as grWhatsApp');
  }

  /** A URL with one of these protocols, as `https:`. */
  url(field: string, protocols: readonly string[], whenEmpty: string): string {
    const text = this.text(field) ?? whenEmpty;
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    this.refuse(field, `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
    return whenEmpty;
  }

  /** A checkbox; hand-edited flows write it as text as well. */
  flag(field: string, whenEmpty: boolean): boolean {
    const value = this.#saved[field] ?? '';
    if (typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
    if (text === 'true' || text === 'false') return text === 'true';
    // A variable that is not set is told as such.
    const isVariable = text?.startsWith('${') ?? false;
    if (isVariable) this.text(field);
    else if (text !== '') this.refuse(field, 'true or false');
    return whenEmpty;
  }

  /** A number from `least` to `most`. */
  number(field: string, least: number, most: number, whenEmpty: number): number {
    const text = this.text(field);
    if (text === undefined) return whenEmpty;
    const value = Number(text);
    if (value >= least && value <= most) return value;
    this.refuse(field, `a number from ${least} to ${most}`);
    return whenEmpty;
  }

  choice<T extends string>(field: string, options: readonly T[], whenEmpty: T): T {
    const text = this.text(field);
    if (text === undefined) return whenEmpty;
    const chosen = options.find((option) => option === text);
    if (chosen !== undefined) return chosen;
    this.refuse(field, `one of ${options.join(', ')}`);
    return whenEmpty;
  }

  /** A list of names; one text may hold several, separated by commas. */
  names(field: string): string[] {
    const value = this.#saved[field] ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [typeof value === 'string' ? this.text(field) : value];
    const names = list.flatMap((name) => (typeof name === 'string' ? name.split(',') : [])).map((name) => name.trim());
    if (list.some((name) => name !== undefined && typeof name !== 'string')) {
      this.refuse(field, 'a list of event names');
    }
    return [...new Set(names.filter((name) => name !== ''))];
  }

  #required(field: string, wanted: string, text: string | undefined): string {
    const isNoted = this.problems.some(({ params }) => params.field === field);
    if (text === undefined && !isNoted) {
      this.problems.push(ChatAppError.of('CONFIG_INVALID', 'missing', { field, wanted }));
    }
    return text ?? '';
  }

  /** Notes that a field holds something else than what is `wanted`. */
  refuse(field: string, wanted: string): undefined {
    this.problems.push(ChatAppError.of('CONFIG_INVALID', 'malformed', { field, wanted }));
    return undefined;
  }
}
