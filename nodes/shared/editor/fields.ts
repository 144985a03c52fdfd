import { isEnvironment } from './validate';

/** The element of the open form with this id. Throws where there is none: form and code belong together. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The form has no #${id}`);
  return found;
}

/** What is typed or chosen in a field; undefined where no form is open that has it. */
export function valueOf(id: string): string | undefined {
  const field = document.getElementById(id);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : undefined;
}

/** Writes into the input with this id. */
export function setValue(id: string, value: string): void {
  const field = element(id);
  if (field instanceof HTMLInputElement) field.value = value;
}

/** Whether the check box with this id is ticked. */
export function isTicked(id: string): boolean {
  const field = document.getElementById(id);
  return field instanceof HTMLInputElement && field.type === 'checkbox' && field.checked;
}

/** Shows or hides the row of the form in which the element with this id stands. */
export function showRow(id: string, shown: boolean): void {
  const row = element(id).closest('.form-row');
  if (row instanceof HTMLElement) row.hidden = !shown;
}

/** Takes off the blanks and line ends that come along when an id, a token or an address is pasted. */
export function trimOnChange(ids: readonly string[]): void {
  for (const id of ids) {
    const field = element(id);
    if (!(field instanceof HTMLInputElement)) continue;
    // While capturing, so that the editor's own handler looks at what is left.
    field.addEventListener('change', () => (field.value = field.value.trim()), { capture: true });
  }
}

/** What a node says for a select or a check box, and what counts where it says nothing. */
export interface Choice {
  readonly saved: unknown;
  readonly otherwise: string | boolean;
}

/**
 * Shows saved values in selects and check boxes, by the name of the property. The editor does so by itself, but takes
 * `"false"` for a tick. `${NAME}` gets a text field in place of the other: that could not show it, and would write
 * something else in its place.
 */
export function showChoices(prefix: string, choices: Readonly<Record<string, Choice>>): void {
  for (const [name, { saved, otherwise }] of Object.entries(choices)) {
    const field = element(`${prefix}-${name}`);
    const value = saved === undefined || saved === null || saved === '' ? otherwise : saved;
    if (isEnvironment(value)) field.replaceWith(textField(field.id, value));
    else if (field instanceof HTMLInputElement) field.checked = value === true || value === 'true';
    else if (field instanceof HTMLSelectElement && typeof value === 'string') field.value = value;
  }
}

function textField(id: string, value: string): HTMLInputElement {
  const field = document.createElement('input');
  field.type = 'text';
  field.id = id;
  field.value = value;
  return field;
}
