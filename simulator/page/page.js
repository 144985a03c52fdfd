/* global document, setTimeout */

import { showConversation, startConversation } from './conversation.js';
import { ask, at, fill, show, tell, text } from './dom.js';

const REFRESH_EVERY_MS = 1000;
const channelOf = new Map();
const eventOf = new Map();

start();

async function start() {
  const { settings, channels, events } = await ask('simulator/account');
  for (const choice of channels) channelOf.set(choice.channel, choice);
  for (const choice of events) eventOf.set(choice.name, choice);
  fill(
    at('event'),
    events.map(({ name }) => [name, name]),
  );
  show(
    at('settings'),
    Object.entries(settings).flatMap(([name, value]) => [text('dt', name), text('dd', value)]),
  );
  at('event').addEventListener('change', showChannels);
  at('fire').addEventListener('submit', fire);
  startConversation(channels, settings['App id']);
  showChannels();
  await keepUp();
}

/** Asks for the state as long as the page is open. */
async function keepUp() {
  try {
    await showState();
    await showConversation();
  } catch {
    at('connected').textContent = 'The simulator does not answer.';
  }
  setTimeout(keepUp, REFRESH_EVERY_MS);
}

async function showState() {
  const { sockets, listening, callbacks, requests } = await ask('simulator/state');
  at('connected').textContent = `${sockets} ${sockets === 1 ? 'socket' : 'sockets'} connected`;
  showList(
    'listening',
    listening.map(({ channel, sockets: count }) => text('li', `${channel} (${count})`)),
    'None yet.',
  );
  showList('callbacks', callbacks.map(callbackRow), 'None is set.');
  showList('requests', requests.map(requestRow), 'Nothing yet.');
}

function showList(id, rows, otherwise) {
  show(at(id), rows.length > 0 ? rows : [text('li', otherwise)]);
}

function callbackRow({ line, messenger, host, events, last }) {
  const row = document.createElement('li');
  row.append(text('strong', `${line}: ${messenger}`), text('span', ` goes to ${host}`));
  row.append(text('p', events.join(', ')), text('span', lastText(last), isBad(last?.status) ? 'bad' : ''));
  return row;
}

function lastText(last) {
  if (!last) return 'Nothing was posted yet';
  const { event, status, at: time } = last;
  return `${new Date(time).toLocaleTimeString()}: ${event || 'probe'}, ${answerText(status)}`;
}

function requestRow({ method, path, query, at: time, status, channel }) {
  const row = document.createElement('li');
  const answer = text('span', answerText(status), isBad(status) ? 'bad' : '');
  row.append(text('span', new Date(time).toLocaleTimeString()), answer, text('span', `${method} ${path}${query}`));
  if (channel) row.append(text('span', channel));
  return row;
}

function answerText(status) {
  return status ? String(status) : 'unanswered';
}

function isBad(status) {
  return status !== undefined && (status < 200 || status >= 300);
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

async function fire(event) {
  event.preventDefault();
  await tell('simulator/fire', { event: at('event').value, channel: at('channel').value }, at('fired'));
}
