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

/** A small button that shows an icon of Font Awesome, such as `fa-refresh`, and says `words` to whoever asks. */
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
