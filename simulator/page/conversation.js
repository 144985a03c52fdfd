/* global document, URLSearchParams */

import { ask, at, fill, showRows, tell, text } from './dom.js';

/** So near to the end counts as the end. */
const END_PX = 40;
/** Of the chosen messenger. */
let chats = [];
/** The channels of messengers, by name. */
const messengers = new Map();
let ownApp = '';

/** Sets up what a customer needs to write, and to read what is answered. */
export function startConversation(channels, appId) {
  ownApp = appId;
  for (const choice of channels) if (choice.type === 'messenger') messengers.set(choice.channel, choice);
  fill(
    at('messenger'),
    [...messengers.values()].map(({ channel, label }) => [channel, label]),
  );
  at('messenger').addEventListener('change', showConversation);
  at('chat').addEventListener('change', showMessages);
  at('write').addEventListener('submit', write);
  at('text').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    at('write').requestSubmit();
  });
}

export async function showConversation() {
  const messenger = at('messenger').value;
  const found = await ask(`simulator/chats?${new URLSearchParams(messengers.get(messenger).about)}`);
  // Another messenger was chosen meanwhile: its own answer is on its way.
  if (at('messenger').value !== messenger) return;
  chats = found;
  fill(
    at('chat'),
    chats.map(({ id, name, messages }) => [id, messages.length > 0 ? name : `${name} (new)`]),
  );
  showMessages();
}

function showMessages() {
  const chat = chats.find(({ id }) => id === at('chat').value);
  const place = `${at('messenger').value} ${chat?.id}`;
  const talk = at('talk');
  // A reader who has scrolled up stays there.
  const isAtEnd = talk.dataset.place !== place || talk.scrollHeight - talk.scrollTop - talk.clientHeight < END_PX;
  talk.dataset.place = place;
  const rows = (chat?.messages ?? []).map((message) => messageRow(message, chat.name, place));
  at('silence').hidden = rows.length > 0;
  if (showRows(at('messages'), rows) && isAtEnd) talk.scrollTop = talk.scrollHeight;
}

function messageRow({ id, side, type, time, message, fromApp, destroyed, status }, customer, place) {
  const row = document.createElement('li');
  const isOut = side === 'out';
  row.className = isOut ? 'out' : 'in';
  row.dataset.key = `${place} ${id}`;
  const said = destroyed ? text('em', 'deleted') : text('span', saidIn(message) || type);
  said.classList.add('said');
  const who = !isOut ? customer : fromApp?.id === ownApp ? 'The flow' : 'The shop';
  row.append(text('strong', who), said, under(time, isOut ? status : undefined));
  return row;
}

function saidIn(message) {
  const { text: said, caption, file, template } = message ?? {};
  if (template) return [`Template ${template.id}`, ...(template.params ?? [])].join(', ');
  return [file?.name, said || caption].filter(Boolean).join('\n');
}

/** When it was written, and how it fares. */
function under(time, status) {
  const line = text('small', '');
  const written = new Date(Number(time) * 1000);
  const when = text('time', written.toLocaleTimeString([], { timeStyle: 'short' }));
  when.dateTime = written.toISOString();
  line.append(when);
  if (status) {
    const label = status.reason ? `${status.type}: ${status.reason}` : status.type;
    const mark = text('span', label, 'status');
    mark.dataset.status = status.type;
    line.append(' ', mark);
  }
  return line;
}

async function write(event) {
  event.preventDefault();
  const { licenseId, messengerType } = messengers.get(at('messenger').value).about;
  const body = { licenseId: Number(licenseId), messengerType, chatId: at('chat').value, text: at('text').value };
  if (await tell('simulator/message', body, at('written'))) at('text').value = '';
  await showConversation();
}
