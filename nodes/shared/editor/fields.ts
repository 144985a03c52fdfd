import { compact } from '../../../src/pasted-text';
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
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement
    ? field.value
    : undefined;
}

/** Writes into the input with this id. */
export function setValue(id: string, value: string): void {
  const field = element(id);
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
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

/**
 * Cleans what is pasted into fields: ids and tokens lose all blanks and invisible characters, other texts
 * (`clean` = `withoutInvisible`) keep the blanks inside.
 */
export function cleanOnChange(ids: readonly string[], clean: (text: string) => string = compact): void {
  for (const id of ids) {
    const field = element(id);
    if (!(field instanceof HTMLInputElement)) continue;
    // While capturing, so that the editor's own handler looks at what is left.
    field.addEventListener('change', () => (field.value = clean(field.value)), { capture: true });
  }
}

/** The types of inputs that hold a text as it is. */
const TEXT_FIELDS: readonly string[] = ['text', 'hidden'];

/**
 * Fills the open form with a node's properties, by their names. The editor has filled in what was saved; this adds the
 * defaults of what was not, which pressing Done would otherwise make empty. It also corrects what the editor gets
 * wrong: it takes `"false"` for a tick, and cannot show `${NAME}` in a select or a check box, so that gets a text field.
 */
export function fillForm(prefix: string, properties: Readonly<Record<string, unknown>>): void {
  for (const [name, property] of Object.entries(properties)) {
    const field = document.getElementById(`${prefix}-${name}`);
    const value = typeof property === 'number' ? String(property) : property;
    if (field === null || value === '') continue;
    if (
      field instanceof HTMLTextAreaElement ||
      (field instanceof HTMLInputElement && TEXT_FIELDS.includes(field.type))
    ) {
      if (field.value === '' && typeof value === 'string') field.value = value;
    } else if (isEnvironment(value)) field.replaceWith(textField(field.id, value));
    else if (field instanceof HTMLInputElement && field.type === 'checkbox') {
      field.checked = value === true || value === 'true';
    } else if (field instanceof HTMLSelectElement && typeof value === 'string') field.value = value;
  }
}

function textField(id: string, value: string): HTMLInputElement {
  const field = document.createElement('input');
  field.type = 'text';
  field.id = id;
  field.value = value;
  return field;
}
