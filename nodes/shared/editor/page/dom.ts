/** Makes an element. Its words are text, whatever they look like. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  words = '',
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = words;
  return made;
}

/** A small button that shows an icon of Font Awesome, such as `fa-refresh`, and has `words` as its tooltip and label. */
export function iconButton(id: string, icon: string, words: string): HTMLButtonElement {
  const button = make('button', 'red-ui-button chatapp-icon-button');
  const drawing = make('i', `fa ${icon}`);
  drawing.setAttribute('aria-hidden', 'true');
  button.type = 'button';
  button.id = id;
  button.title = words;
  button.setAttribute('aria-label', words);
  button.append(drawing);
  return button;
}

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
