import { compact } from '../../../../src/pasted-text';
import { element, valueOf } from '../page/dom';
import { isEnvironment } from './validate';

/** How the ids of a form's fields begin: of a node's, and of a configuration node's. */
export type Prefix = 'node-input' | 'node-config-input';

/** The id of the field for this property in the open form of a node. */
export function nodeField(name: string): string {
  return `node-input-${name}`;
}

/** The same in the form of a connection. */
export function connectionField(name: string): string {
  return `node-config-input-${name}`;
}

/** Marks the open form as that of the node `id`: validators run for all nodes, and look whose form it is. */
export function claimForm(prefix: Prefix, id: string): void {
  element(`${prefix}-name`).dataset.node = id;
}

/** Chooses the connection of a node that has none yet, if there is only one. Call it before anything listens to the field. */
export function chooseOnlyConnection(): void {
  const select = element('node-input-connection');
  if (!(select instanceof HTMLSelectElement)) return;
  // The editor offers "none" and a new one as well.
  const [only, ...others] = [...select.options]
    .map(({ value }) => value)
    .filter((value) => RED.nodes.node(value) != null);
  if (only !== undefined && others.length === 0 && RED.nodes.node(select.value) == null) select.value = only;
}

/** Whether the open form is that of `node`. */
export function ownsForm(prefix: Prefix, node: unknown): boolean {
  const owner = document.getElementById(`${prefix}-name`)?.dataset.node;
  return isObject(node) && 'id' in node && owner !== undefined && owner === node.id;
}

/** A setting of `node`: as it stands in the open form, if that is its own, else as it was saved. */
export function settingOf(prefix: Prefix, node: unknown, name: string): unknown {
  if (ownsForm(prefix, node)) return valueOf(`${prefix}-${name}`);
  return isObject(node) ? new Map<string, unknown>(Object.entries(node)).get(name) : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
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
