import { parseJson } from '../../../src/events/json';
import { element } from './fields';

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
 * it to whoever listens to the page.
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
