/* global document, fetch, setTimeout, Option, URLSearchParams */
'use strict';

// Everything that comes from a server or a person enters the page as text only (textContent, Option).

const NEWS_EVERY_MS = 1000;
const at = (id) => document.getElementById(id);
const channelOf = new Map();
const eventOf = new Map();
let chats = [];

start();

async function start() {
  const { settings, channels, events } = await ask('stand-in/account');
  for (const choice of channels) channelOf.set(choice.channel, choice);
  for (const choice of events) eventOf.set(choice.name, choice);
  const messengers = channels.filter(({ type }) => type === 'messenger');
  fill(
    at('messenger'),
    messengers.map(({ channel, label }) => [channel, label]),
  );
  fill(
    at('event'),
    events.map(({ name }) => [name, name]),
  );
  show(
    at('settings'),
    Object.entries(settings).flatMap(([name, value]) => [text('dt', name), text('dd', value)]),
  );
  at('messenger').addEventListener('change', showChats);
  at('chat').addEventListener('change', showMessages);
  at('event').addEventListener('change', showChannels);
  at('write').addEventListener('submit', write);
  at('fire').addEventListener('submit', fire);
  showChannels();
  await keepUp();
}

/** Asks for news as long as the page is open. */
async function keepUp() {
  try {
    await showNews();
    await showChats();
  } catch {
    at('connected').textContent = 'The stand-in does not answer.';
  }
  setTimeout(keepUp, NEWS_EVERY_MS);
}

async function showNews() {
  const { sockets, listening, requests } = await ask('stand-in/news');
  at('connected').textContent = `${sockets} ${sockets === 1 ? 'socket' : 'sockets'} connected`;
  const channels = listening.map(({ channel, sockets: count }) => text('li', `${channel} (${count})`));
  show(at('listening'), channels.length > 0 ? channels : [text('li', 'None yet.')]);
  const rows = requests.map(requestRow);
  show(at('requests'), rows.length > 0 ? rows : [text('li', 'Nothing yet.')]);
}

function requestRow({ method, path, query, at: time, status, channel }) {
  const row = document.createElement('li');
  const answer = text('span', status === 0 ? 'unanswered' : String(status));
  answer.className = status >= 200 && status < 300 ? 'status' : 'status bad';
  row.append(text('span', new Date(time).toLocaleTimeString()), answer, text('span', `${method} ${path}${query}`));
  if (channel) row.append(text('span', channel));
  return row;
}

async function showChats() {
  const { about } = channelOf.get(at('messenger').value);
  chats = await ask(`stand-in/chats?${new URLSearchParams(about)}`);
  fill(
    at('chat'),
    chats.map(({ id, name, messages }) => [id, messages.length > 0 ? name : `${name} (new)`]),
  );
  showMessages();
}

function showMessages() {
  const chat = chats.find(({ id }) => id === at('chat').value);
  const list = at('messages');
  if (show(list, (chat?.messages ?? []).map(messageRow))) list.scrollTop = list.scrollHeight;
}

function messageRow({ side, type, message, destroyed }) {
  const said = message?.text || message?.caption || message?.file?.name || type;
  const row = text('li', destroyed ? 'deleted' : String(said));
  row.className = side === 'out' ? 'out' : 'in';
  return row;
}

function showChannels() {
  const { channels, meaning } = eventOf.get(at('event').value);
  const choices = [...channelOf.values()].filter(({ type }) => channels.includes(type));
  fill(
    at('channel'),
    choices.map(({ channel, label }) => [channel, label]),
  );
  at('meaning').textContent = meaning;
}

async function write(event) {
  event.preventDefault();
  const { licenseId, messengerType } = channelOf.get(at('messenger').value).about;
  const body = { licenseId: Number(licenseId), messengerType, chatId: at('chat').value, text: at('text').value };
  if (await tell('stand-in/message', body, at('written'))) at('text').value = '';
  await showChats();
}

async function fire(event) {
  event.preventDefault();
  await tell('stand-in/fire', { event: at('event').value, channel: at('channel').value }, at('fired'));
}

/** Posts, and says in `output` how it went; returns whether it went well. */
async function tell(path, body, output) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  output.className = response.ok ? '' : 'bad';
  output.textContent = response.ok ? reachedText(answer.sockets) : answer.error.message;
  return response.ok;
}

function reachedText(sockets) {
  if (sockets === 0) return 'Sent, but nobody listens to this channel.';
  return `Sent to ${sockets} ${sockets === 1 ? 'socket' : 'sockets'}.`;
}

async function ask(path) {
  return (await fetch(path)).json();
}

/** Shows choices, and keeps what is chosen. Choices that are there already stay untouched. */
function fill(select, choices) {
  const known = [...select.options].map(({ value, text: label }) => [value, label]);
  if (JSON.stringify(known) === JSON.stringify(choices)) return;
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
  if (choices.some(([value]) => value === chosen)) select.value = chosen;
}

/** Replaces what is shown and returns true; what is the same stays, and with it its place and any selection. */
function show(element, children) {
  const fresh = document.createElement('div');
  fresh.append(...children);
  if (fresh.innerHTML === element.innerHTML) return false;
  element.replaceChildren(...fresh.childNodes);
  return true;
}

function text(tag, content) {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
}
