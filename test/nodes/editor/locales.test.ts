import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_STATUS_KINDS } from '../../../nodes/chatapp-api/status';
import { DONE_STATUS_KINDS } from '../../../nodes/chatapp-done/status';
import { CHECK_STEPS } from '../../../nodes/shared/account-answers';
import { CALLBACK_STATES } from '../../../nodes/shared/callback-answers';
import { CLUSTER_LOGIN } from '../../../nodes/shared/editor/connection/cluster';
import { CREDENTIALS } from '../../../nodes/shared/editor/account/credentials';
import { PROBLEMS } from '../../../nodes/shared/editor/form/validate';
import {
  MAX_IN_FLIGHT,
  MAX_PARTITIONS,
  MAX_PER_MINUTE,
  MAX_ACK_SECONDS,
  MAX_HOURS,
  MAX_KEEP_HOURS,
} from '../../../nodes/shared/field-values';
import { SEND_STATUS_KINDS } from '../../../nodes/shared/send-status';
import { SEND_ACTIONS } from '../../../src';
import { PRESET_NAMES, presetOf } from '../../../src/api/methods';
import { ERRORS } from '../../../src/errors';
import { CATALOGUE, EVENT_GROUPS } from '../../../src/events/catalogue';
import { SKIP_REASONS, type ChannelHealth, type ClusterHealth, type SocketHealth } from '../../../src/health';
import { NOTICE_KINDS } from '../../../src/notice';
import { STATUS_KINDS } from '../../../src/status';
import { catalogue, filledLong, NODES } from './catalogue';

/** What the dialogs show: what several nodes share stands with the connection, the rest with the node itself. */
const texts = new Map([
  ...catalogue('chatapp-connection'),
  ...ownTexts('chatapp-send'),
  ...ownTexts('chatapp-api'),
  ...ownTexts('chatapp-done'),
  ...catalogue('chatapp-sidebar'),
]);
const LISTENERS = ['chatapp-messenger', 'chatapp-company', 'chatapp-user', 'chatapp-employee'];
const STATUS = 'chatapp-connection.status.';
const NOTICE = 'chatapp-connection.notice.';
const SEND_STATUS = 'chatapp-send.status.';
const API_STATUS = 'chatapp-api.status.';
const DONE_STATUS = 'chatapp-done.status.';
const DONE_WARNING = 'chatapp-done.warning.';

describe('the texts of the editor', () => {
  it('every key that a form uses has a text', () => {
    const keys = sources('.html').flatMap(({ text }) => formKeys(text));
    assert.ok(keys.length > 30);
    for (const key of keys) assert.ok(texts.has(key), key);
  });

  it('every key that the code names has a text', () => {
    const keys = codeKeys();
    assert.ok(keys.length > 20);
    for (const key of keys) assert.ok(texts.has(key), key);
  });

  it('every key that the code puts together has a text', () => {
    for (const group of [...EVENT_GROUPS, 'other']) assert.ok(texts.has(`listener.group.${group}`), group);
    for (const name of CLUSTER_LOGIN) assert.ok(texts.has(`chatapp-connection.label.${name}`), name);
    for (const name of CREDENTIALS) assert.ok(texts.has(`chatapp-connection.label.${name}`), name);
    for (const step of CHECK_STEPS) assert.ok(texts.has(`check.step.${step}`), step);
    for (const state of CALLBACK_STATES) assert.ok(texts.has(`chatapp-connection.callback.${state}`), state);
    for (const outcome of ['ok', 'skipped']) assert.ok(texts.has(`check.outcome.${outcome}`), outcome);
    for (const what of ['line', 'messenger']) {
      for (const number of ['one', 'many'])
        assert.match(texts.get(`check.${number}.${what}`) ?? '', /__number__/, what);
    }
    for (const problem of PROBLEMS) {
      assert.match(texts.get(`invalid.${problem}`) ?? '', /__field__/, problem);
    }
  });

  it('every state, button and reason in the sidebar has its words', () => {
    const groups: Readonly<Record<string, readonly string[]>> = {
      skipped: SKIP_REASONS,
      state: [
        'receiving',
        'subscribing',
        'disconnected',
        'waiting',
        'refused',
        'tokenInvalid',
      ] satisfies ChannelHealth['state'][],
      webhook: CALLBACK_STATES,
      socket: ['idle', 'connecting', 'open', 'waiting', 'refused'] satisfies SocketHealth['state'][],
      cluster: ['joining', 'leader', 'standby', 'lost'] satisfies ClusterHealth['role'][],
      act: sources('.ts').flatMap(({ text }) => [...text.matchAll(/actButton\('(\w+)'/g)].map(([, name = '']) => name)),
      level: ['bad', 'warn', 'busy', 'ok', 'off'],
      heading: ['attention', 'channels', 'listeners', 'senders', 'errors'],
    };
    assert.ok((groups.act ?? []).length > 8);
    for (const [group, names] of Object.entries(groups)) {
      for (const name of names) assert.ok(texts.has(`chatapp-sidebar.${group}.${name}`), `${group}.${name}`);
    }
  });

  it('every event has its meaning, in the words of the list of events', () => {
    const meanings = [...texts].filter(([key]) => key.startsWith('event.'));
    assert.deepEqual(
      meanings,
      CATALOGUE.map(({ name, meaning }) => [`event.${name}`, meaning]),
    );
  });

  it('every error has its text, in the words of the list of errors', () => {
    const errors = [...texts].filter(([key]) => key.startsWith('error.'));
    const listed = Object.entries(ERRORS).flatMap(([code, reasons]) =>
      Object.entries(reasons).map(([reason, text]) => [
        `error.${code}.${reason}`,
        text.replace(/\{(\w+)\}/g, (_, name: string) => `__${name}__`),
      ]),
    );
    assert.deepEqual(errors, listed);
  });

  it('no text is left that nothing uses', () => {
    const used = new Set([...sources('.html').flatMap(({ text }) => formKeys(text)), ...codeKeys()]);
    const puzzled = codePatterns();
    for (const key of texts.keys()) {
      // The runtime's: each kind has a test that knows them all.
      if (
        [STATUS, NOTICE, SEND_STATUS, API_STATUS, DONE_STATUS, DONE_WARNING, 'error.', 'detail.'].some((prefix) =>
          key.startsWith(prefix),
        )
      )
        continue;
      // The palette asks for these by the node type.
      if (/^chatapp-\w+\.paletteLabel$/.test(key)) continue;
      assert.ok(used.has(key) || puzzled.some((pattern) => pattern.test(key)), key);
    }
  });

  it('every status has a text that fits below a node', () => {
    const variants = [
      ...[
        'listeningSince',
        'listeningBacklog',
        'listeningRetry',
        'listeningSome',
        'listeningUnstored',
        'socketOnlyTaken',
        'webhookTakenBy',
        'clusterLostSince',
      ],
      ...['leadingInstances', 'leadingAlone', 'standingByInstances'],
    ];
    const keys = [...texts.keys()].filter((key) => key.startsWith(STATUS)).map((key) => key.slice(STATUS.length));
    assert.deepEqual(keys.sort(), [...STATUS_KINDS, ...variants].sort());
    for (const kind of keys) {
      const filled = filledLong(texts.get(`${STATUS}${kind}`) ?? '');
      assert.ok(filled.length > 0 && filled.length <= 20, `${kind}: ${filled}`);
      assert.ok(!filled.includes('__'), filled);
    }
  });

  it('every status event of the connection that has no word of Node-RED has a text', () => {
    const keys = [...texts.keys()].filter((key) => key.startsWith(NOTICE)).map((key) => key.slice(NOTICE.length));
    assert.deepEqual(
      keys,
      NOTICE_KINDS.filter((kind) => kind !== 'connected' && kind !== 'disconnected'),
    );
  });

  it('every status of a send node has a text that fits below it', () => {
    const keys = [...texts.keys()].filter((key) => key.startsWith(SEND_STATUS));
    assert.deepEqual(
      keys,
      SEND_STATUS_KINDS.map((kind) => `${SEND_STATUS}${kind}`),
    );
    for (const key of keys) {
      const filled = (texts.get(key) ?? '').replace('__time__', '23:59').replace('__seconds__', '300');
      assert.ok(filled.length > 0 && filled.length < 20 && !filled.includes('__'), `${key}: ${filled}`);
    }
  });

  it('every status of an API node has a text that fits below it', () => {
    const keys = [...texts.keys()].filter((key) => key.startsWith(API_STATUS));
    assert.deepEqual(
      keys,
      API_STATUS_KINDS.map((kind) => `${API_STATUS}${kind}`),
    );
    for (const key of keys) {
      const filled = filledLong(texts.get(key) ?? '');
      assert.ok(filled.length > 0 && filled.length < 20 && !filled.includes('__'), `${key}: ${filled}`);
    }
  });

  it('every method and every field of an API node has its texts', () => {
    for (const name of PRESET_NAMES) {
      for (const group of ['preset', 'does']) assert.ok(texts.has(`chatapp-api.${group}.${name}`), name);
      for (const field of presetOf(name)?.fields ?? [])
        assert.ok(texts.has(`chatapp-api.field.${field.name}`), field.name);
    }
  });

  it('every status of a done node has a text that fits below it, and every warning is there', () => {
    const keys = [...texts.keys()].filter((key) => key.startsWith(DONE_STATUS));
    assert.deepEqual(
      keys,
      DONE_STATUS_KINDS.map((kind) => `${DONE_STATUS}${kind}`),
    );
    for (const key of keys) {
      const filled = filledLong(texts.get(key) ?? '');
      assert.ok(filled.length > 0 && filled.length < 48 && !filled.includes('__'), `${key}: ${filled}`);
    }
    const warnings = [...texts.keys()].filter((key) => key.startsWith(DONE_WARNING));
    assert.deepEqual(warnings, [`${DONE_WARNING}late`, `${DONE_WARNING}unknown`]);
  });

  it('names the same limits as the checks do', () => {
    assert.ok(texts.get('invalid.hours')?.includes(String(MAX_HOURS)));
    assert.ok(texts.get('invalid.keepHours')?.includes(String(MAX_KEEP_HOURS)));
    for (const key of ['invalid.partitions', 'chatapp-connection.tip.partitions']) {
      assert.ok(texts.get(key)?.includes(String(MAX_PARTITIONS)), key);
    }
    assert.ok(texts.get('invalid.perMinute')?.includes(String(MAX_PER_MINUTE)));
    assert.ok(texts.get('invalid.inFlight')?.includes(String(MAX_IN_FLIGHT)));
    assert.ok(texts.get('invalid.ackSeconds')?.includes(String(MAX_ACK_SECONDS)));
    assert.ok(texts.get('chatapp-connection.tip.recoverHours')?.includes(String(MAX_HOURS)));
  });

  it('every action of a send node has its name, what it does and its tip', () => {
    for (const action of SEND_ACTIONS) {
      for (const group of ['action', 'does', 'tip']) assert.ok(texts.has(`chatapp-send.${group}.${action}`), action);
    }
    assert.ok(texts.has('chatapp-send.does.any'));
    assert.ok(catalogue('chatapp-send').has('palette.label.ChatApp'));
  });

  it('each listener names the palette category and itself', () => {
    for (const type of LISTENERS) {
      assert.deepEqual([...catalogue(type).keys()], ['palette.label.ChatApp', `${type}.paletteLabel`]);
    }
  });
});

/** Those of a node type that does not leave them to the connection. The palette's is Node-RED's to look up. */
function ownTexts(type: string): (readonly [string, string])[] {
  return [...catalogue(type)].filter(([key]) => key !== 'palette.label.ChatApp');
}

/** The editor's sources with this ending: forms and shared rows, or code. */
function sources(ending: '.html' | '.ts'): { name: string; text: string }[] {
  const names = readdirSync(NODES, { recursive: true, encoding: 'utf8' });
  const wanted = ending === '.html' ? /\.form\.html$|shared.editor.*\.html$/ : /\.editor\.ts$|shared.editor.*\.ts$/;
  return names
    .filter((name) => wanted.test(name))
    .map((name) => ({ name, text: readFileSync(join(NODES, name), 'utf8') }));
}

function formKeys(form: string): string[] {
  const values = [...form.matchAll(/data-i18n="([^"]+)"/g)].map(([, value = '']) => value);
  return values
    .flatMap((value) => value.split(';'))
    .map((key) => key.replace(/^\[[\w-]+\]/, '').replace(/^shared:/, ''));
}

function codeKeys(): string[] {
  const keys =
    /'((?:chatapp-connection|chatapp-send|chatapp-api|chatapp-done|chatapp-sidebar|listener|label|invalid|sample|account|picker|check|report)\.[\w.]+)'/g;
  return sources('.ts').flatMap(({ text }) => [...text.matchAll(keys)].map(([, key = '']) => key));
}

/** What the keys look like that the code puts together, such as `invalid.${problem}`. */
function codePatterns(): RegExp[] {
  const keys =
    /`((?:chatapp-connection|chatapp-send|chatapp-api|chatapp-done|chatapp-sidebar|listener|label|invalid|event|check|warning)\.[\w.]*)\$\{[\w.]+\}`/g;
  const prefixes = sources('.ts').flatMap(({ text }) => [...text.matchAll(keys)].map(([, prefix = '']) => prefix));
  return prefixes.map((prefix) => new RegExp(`^${prefix.replaceAll('.', '\\.')}\\w+$`));
}
