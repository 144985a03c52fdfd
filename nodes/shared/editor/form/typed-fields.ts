import { isRecord, parseJson } from '../../../../src/events/json';
import { element, iconButton, make } from '../page/dom';

/** A type of value with no field of its own: another one of the form holds it. */
export interface BareType {
  readonly value: string;
  readonly label: string;
  readonly icon: string;
  readonly hasValue: false;
}

/** A type like one of Node-RED's, with another idea of what is valid. */
interface LenientType {
  readonly value: string;
  readonly label: string;
  readonly icon: string;
  readonly validate: (text: string) => boolean;
}

export type InputType = string | BareType | LenientType;

/** Node-RED's own JSON takes an empty field for an error. */
export const JSON_OR_NOTHING: LenientType = {
  value: 'json',
  label: 'JSON',
  icon: 'red/images/typedInput/json.svg',
  validate: (text) => text === '' || parseJson(text) !== undefined,
};

/**
 * Makes a typed input of Node-RED out of a field of the open form; the type stands in the field `typeField`. `label` names
 * it to users of a screen reader.
 */
export function typedInput(id: string, label: string, types: readonly InputType[], typeField: string): void {
  $(element(id)).typedInput({ types, typeField: `#${typeField}` });
  nameParts(element(id), label);
}

/** The same for a field of a row, which keeps its type by itself. */
export function typedRowInput(field: HTMLInputElement, label: string, types: readonly string[], type: string): void {
  $(field).typedInput({ types, default: types.includes(type) ? type : (types[0] ?? 'str') });
  nameParts(field, label);
}

/** The editor gives neither the choice of a type nor the field a name of its own. */
function nameParts(field: HTMLElement, label: string): void {
  const box = field.parentElement?.querySelector('.red-ui-typedInput-container') ?? field.nextElementSibling;
  for (const part of box?.querySelectorAll('button, input') ?? []) part.setAttribute('aria-label', label);
}

/** A row as it is saved. */
export interface ValueRow {
  readonly name?: string;
  readonly value: string;
  readonly type: string;
}

interface RowsOptions {
  /** The element that holds the rows. */
  readonly box: HTMLElement;
  readonly types: readonly string[];
  /** Whether a row has a name to type; without, rows are numbered. */
  readonly hasNames: boolean;
  readonly words: {
    readonly add: string;
    readonly remove: string;
    /** The name of a row's value, by its number from 1. */
    readonly value: (number: number) => string;
    readonly name?: string;
    /** How the field of this name is called in a dialog; undefined: its name can be typed. */
    readonly fixed?: (name: string) => string | undefined;
  };
}

interface Shown {
  readonly line: HTMLElement;
  readonly name: string | HTMLInputElement;
  readonly value: HTMLInputElement;
}

/** A list of typed values that the user can make longer and shorter. */
export class ValueRows {
  private rows: Shown[] = [];
  private readonly list = make('div', '');
  readonly add: HTMLButtonElement;

  constructor(private readonly options: RowsOptions) {
    const { box, words } = options;
    this.add = make('button', 'red-ui-button red-ui-button-small');
    this.add.type = 'button';
    const icon = make('i', 'fa fa-plus');
    icon.setAttribute('aria-hidden', 'true');
    this.add.append(icon, ` ${words.add}`);
    this.add.addEventListener('click', () => this.append({ value: '', type: options.types[0] ?? 'str' }));
    box.replaceChildren(this.list, this.add);
  }

  /** Shows what was saved; hand-made flows may hold anything. */
  show(saved: unknown): void {
    for (const { line } of this.rows) line.remove();
    this.rows = [];
    for (const row of rowsIn(saved)) this.append(row);
  }

  read(): ValueRow[] {
    return this.rows.map(({ name, value }) => {
      const typed = { value: String($(value).typedInput('value')), type: String($(value).typedInput('type')) };
      if (!this.options.hasNames) return typed;
      return { name: typeof name === 'string' ? name : name.value.trim(), ...typed };
    });
  }

  /** Makes it so many rows: new ones are empty, the last ones go. */
  resize(count: number): void {
    while (this.rows.length > count) this.rows.pop()?.line.remove();
    while (this.rows.length < count) this.append({ value: '', type: this.options.types[0] ?? 'str' });
  }

  private append({ name = '', value, type }: ValueRow): void {
    const { hasNames, types, words } = this.options;
    const number = this.rows.length + 1;
    const line = make('div', 'chatapp-row');
    const label = hasNames && name !== '' ? (words.fixed?.(name) ?? name) : words.value(number);
    const head = this.head(name, number);
    const field = make('input', '');
    field.type = 'text';
    field.value = value;
    const remove = iconButton('', 'fa-times', `${words.remove}: ${label}`);
    remove.removeAttribute('id');
    line.append(head, field, remove);
    this.list.append(line);
    typedRowInput(field, label, types, type);
    const shown = { line, name: head instanceof HTMLInputElement ? head : name, value: field };
    remove.addEventListener('click', () => {
      line.remove();
      this.rows = this.rows.filter((row) => row !== shown);
      if (!hasNames) this.show(this.read());
    });
    this.rows.push(shown);
  }

  private head(name: string, number: number): HTMLElement {
    const { hasNames, words } = this.options;
    if (!hasNames) return make('span', 'chatapp-row-number chatapp-note', `{{${number}}}`);
    const fixed = words.fixed?.(name);
    if (fixed !== undefined) return make('span', 'chatapp-row-name', fixed);
    const field = make('input', 'chatapp-row-name');
    field.type = 'text';
    field.value = name;
    if (words.name !== undefined) {
      field.placeholder = words.name;
      field.setAttribute('aria-label', words.name);
    }
    return field;
  }
}

export function rowsIn(saved: unknown): ValueRow[] {
  const list: readonly unknown[] = Array.isArray(saved) ? saved : [];
  return list.flatMap((row) => {
    if (!isRecord(row)) return [];
    const { name, value, type } = row;
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return [{ ...(typeof name === 'string' && { name }), value: text, type: typeof type === 'string' ? type : 'str' }];
  });
}
