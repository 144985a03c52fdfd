import { detail, type DetailKey } from '../../src/error-details';
import { ChatAppError, type ErrorParams } from '../../src/errors';
import { isId, isMessengerType } from '../../src/events';
import { isRecord } from '../../src/events/json';
import { compact, INVISIBLE, isHeaderText, withoutInvisible } from '../../src/pasted-text';
import { readStatuses, type AcceptedStatuses } from './accepted-statuses';
import { FIELD_TYPES, type ValueType } from './field-values';
import type { TypedValue } from './typed-value';

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

  /** A text without invisible characters, and without blanks around it; `undefined` if it is empty. Numbers count as text. */
  text(field: string): string | undefined {
    return this.#read(field, withoutInvisible);
  }

  /** An id or a token as it was pasted: without invisible characters and blanks. */
  pasted(field: string): string | undefined {
    return this.#read(field, compact);
  }

  requiredPasted(field: string, wanted: DetailKey): string {
    return this.#required(field, wanted, this.pasted(field));
  }

  /** A text that can be sent as an HTTP header or in a path, as tokens and keys are. */
  token(field: string): string | undefined {
    const text = this.pasted(field);
    return text === undefined || isHeaderText(text) ? text : this.refuse(field, 'token');
  }

  requiredToken(field: string, wanted: DetailKey): string {
    return this.#required(field, wanted, this.token(field));
  }

  #read(field: string, clean: (text: string) => string): string | undefined {
    const value = this.#saved[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') return this.refuse(field, 'text');
    const text = clean(String(value));
    const variable = /^\$\{(.+)\}$/.exec(text)?.[1];
    if (variable !== undefined) return this.refuse(field, 'variable', { name: variable });
    return text === '' ? undefined : text;
  }

  /** A text with its blanks: a password may begin with one. Empty if there is none. */
  requiredSecret(field: string, wanted: DetailKey): string {
    const value = this.#saved[field];
    const text = this.requiredText(field, wanted);
    return typeof value === 'string' ? value.replace(INVISIBLE, '') : text;
  }

  requiredText(field: string, wanted: DetailKey): string {
    return this.#required(field, wanted, this.text(field));
  }

  /** The id of a line, a company or a user; `undefined` where it is empty. */
  id(field: string): string | undefined {
    const text = this.pasted(field);
    return text === undefined || isId(text) ? text : this.refuse(field, 'id');
  }

  requiredId(field: string): string {
    return this.#required(field, 'requiredId', this.id(field));
  }

  messengerType(field: string): string | undefined {
    const text = this.text(field);
    if (text === undefined || isMessengerType(text)) return text;
    return this.refuse(field, 'messengerType');
  }

  /** A URL with one of these two protocols, as `https:`. */
  url(field: string, protocols: readonly [string, string], whenEmpty: string): string {
    const [one, other] = protocols;
    const text = this.text(field) ?? whenEmpty;
    if (/[?#]/.test(text)) {
      // A path is added to it.
      this.refuse(field, 'plainUrl');
      return whenEmpty;
    }
    // URL drops tabs and line ends without a word.
    if (!/\s/.test(text) && URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    this.refuse(field, 'url', { one: `${one}//`, other: `${other}//` });
    return whenEmpty;
  }

  /** A checkbox; hand-edited flows write it as text as well. */
  flag(field: string, whenEmpty: boolean): boolean {
    const value = this.#saved[field] ?? '';
    if (typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
    if (text === 'true' || text === 'false') return text === 'true';
    // A variable that is not set is reported as such.
    const isVariable = text?.startsWith('${') ?? false;
    if (isVariable) this.text(field);
    else if (text !== '') this.refuse(field, 'flag');
    return whenEmpty;
  }

  /** A number from `least` to `most`. */
  number(field: string, least: number, most: number, whenEmpty: number): number {
    const text = this.text(field);
    if (text === undefined) return whenEmpty;
    const value = Number(text);
    if (value >= least && value <= most) return value;
    this.refuse(field, 'number', { least, most });
    return whenEmpty;
  }

  /** A whole number from `least` to `most`. */
  integer(field: string, least: number, most: number, whenEmpty: number): number {
    const value = this.number(field, least, most, whenEmpty);
    if (Number.isInteger(value)) return value;
    this.refuse(field, 'integer');
    return whenEmpty;
  }

  choice<T extends string>(field: string, options: readonly T[], whenEmpty: T): T {
    const text = this.text(field);
    if (text === undefined) return whenEmpty;
    const chosen = options.find((option) => option === text);
    if (chosen !== undefined) return chosen;
    this.refuse(field, 'choice', { options: options.join(', ') });
    return whenEmpty;
  }

  /** Statuses of HTTP and ranges of them, such as `200-299, 304`. */
  statuses(field: string, whenEmpty: string): AcceptedStatuses {
    return readStatuses(this.text(field) ?? whenEmpty) ?? this.refuse(field, 'statuses') ?? [];
  }

  /** A typed field with its blanks, whose type is saved beside it as `<field>Type`; `undefined` if it is empty. */
  typed(field: string, types: readonly ValueType[] = FIELD_TYPES): TypedValue | undefined {
    return this.#typedValue(field, this.#saved[field], this.#saved[`${field}Type`], types);
  }

  /** A list of rows, each with a value of its own; `name` is empty if a row has none. */
  rows(field: string): readonly (TypedValue & { readonly name: string })[] {
    const saved = this.#saved[field] ?? [];
    if (saved === '') return [];
    const list: unknown[] = Array.isArray(saved) ? saved : [];
    if (!Array.isArray(saved) || !list.every(isRecord)) this.refuse(field, 'rows');
    return list.filter(isRecord).map((row) => {
      const name = typeof row.name === 'string' ? withoutInvisible(row.name) : '';
      const typed = this.#typedValue(field, row.value, row.type, FIELD_TYPES);
      return { name, ...(typed ?? { value: '', type: 'str' }) };
    });
  }

  #typedValue(field: string, saved: unknown, savedType: unknown, types: readonly ValueType[]): TypedValue | undefined {
    if (saved === undefined || saved === null || saved === '') return undefined;
    if (typeof saved !== 'string' && typeof saved !== 'number') return this.refuse(field, 'text');
    const value = String(saved);
    const isUntyped = savedType === undefined || savedType === null || savedType === '';
    const type = isUntyped ? types[0] : types.find((one) => one === savedType);
    if (type === undefined) return this.refuse(field, 'choice', { options: types.join(', ') });
    // Node-RED has replaced a variable that is set.
    const variable = type === 'jsonata' || type === 'json' ? undefined : /^\$\{(.+)\}$/.exec(value)?.[1];
    return variable === undefined ? { value, type } : this.refuse(field, 'variable', { name: variable });
  }

  /** A list of names; one text may hold several, separated by commas. */
  names(field: string): string[] {
    const value = this.#saved[field] ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [typeof value === 'string' ? this.text(field) : value];
    const names = list.flatMap((name) => (typeof name === 'string' ? name.split(',') : [])).map(withoutInvisible);
    if (list.some((name) => name !== undefined && typeof name !== 'string')) {
      this.refuse(field, 'events');
    }
    return [...new Set(names.filter((name) => name !== ''))];
  }

  #required(field: string, wanted: DetailKey, text: string | undefined): string {
    const isNoted = this.problems.some(({ params }) => params.field === field);
    if (text === undefined && !isNoted) {
      this.problems.push(ChatAppError.of('CONFIG_INVALID', 'missing', { field, ...detail('wanted', wanted) }));
    }
    return text ?? '';
  }

  /** Notes that a field holds something else than what is `wanted`. */
  refuse(field: string, wanted: DetailKey, values: ErrorParams = {}): undefined {
    this.problems.push(ChatAppError.of('CONFIG_INVALID', 'malformed', { field, ...detail('wanted', wanted, values) }));
    return undefined;
  }
}

/** The problems of a node, those of all missing fields as one. */
export function inOne(problems: readonly ChatAppError[]): readonly ChatAppError[] {
  const missing = problems.filter(({ code, reason }) => code === 'CONFIG_INVALID' && reason === 'missing');
  if (missing.length < 2) return problems;
  const fields = missing.map(({ params }) => params.field).join(', ');
  const one = ChatAppError.of('CONFIG_INVALID', 'missingFields', { fields });
  return [one, ...problems.filter((problem) => !missing.includes(problem))];
}
