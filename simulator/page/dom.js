/* global document, fetch, Option */

// Everything that comes from a server or a person enters the page as text only (textContent, Option).

export const at = (id) => document.getElementById(id);

export function text(tag, content, className = '') {
  const element = document.createElement(tag);
  element.textContent = content;
  if (className !== '') element.className = className;
  return element;
}

/** Shows choices, and keeps what is chosen. Choices that are there already stay untouched. */
export function fill(select, choices) {
  const known = [...select.options].map(({ value, text: label }) => [value, label]);
  if (JSON.stringify(known) === JSON.stringify(choices)) return;
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
  if (choices.some(([value]) => value === chosen)) select.value = chosen;
}

/** Replaces what is shown; what is the same stays, and with it its place and any selection. */
export function show(element, children) {
  const fresh = document.createElement('div');
  fresh.append(...children);
  if (fresh.innerHTML !== element.innerHTML) element.replaceChildren(...fresh.childNodes);
}

/**
 * Shows rows, each with a `data-key` of its own. Those that are there already stay where they are, so that a screen reader
 * reads out what is new and nothing else. Returns whether there are new ones.
 */
export function showRows(list, rows) {
  const known = new Map([...list.children].map((row) => [row.dataset.key, row]));
  const shown = rows.map((row) => {
    const old = known.get(row.dataset.key);
    if (!old) return row;
    if (old.innerHTML !== row.innerHTML) old.replaceChildren(...row.childNodes);
    return old;
  });
  for (const row of known.values()) if (!shown.includes(row)) row.remove();
  for (const [index, row] of shown.entries()) {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  }
  return shown.some((row) => !known.has(row.dataset.key));
}

export async function ask(path) {
  return (await fetch(path)).json();
}

/** Posts, and says in `output` how it went; returns whether it went well. */
export async function tell(path, body, output) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  output.className = response.ok ? '' : 'bad';
  output.textContent = response.ok ? reachedText(answer) : answer.error.message;
  return response.ok;
}

function reachedText({ sockets, webhooks }) {
  const reached = [
    ...(sockets > 0 ? [`${sockets} ${sockets === 1 ? 'socket' : 'sockets'}`] : []),
    ...(webhooks > 0 ? ['a webhook address'] : []),
  ];
  return reached.length > 0 ? `Sent to ${reached.join(' and ')}.` : 'Sent, but nobody listens to this channel.';
}
