import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { API_STATUS_KINDS, apiNodeStatus } from '../../nodes/chatapp-api/status';
import { DONE_STATUS_KINDS, doneNodeStatus } from '../../nodes/chatapp-done/status';
import { CHECK_STEPS } from '../../nodes/shared/account-answers';
import { SEND_STATUS_KINDS, sendNodeStatus } from '../../nodes/shared/send-status';
import { SEND_ACTIONS } from '../../src';
import { PRESET_NAMES, presetOf } from '../../src/api/methods';
import { CHANNEL_TYPES } from '../../src/events';
import { ERRORS } from '../../src/errors';
import { STATUS_KINDS } from '../../src/status';
import { catalogue } from '../nodes/editor/catalogue';
import { register, type Definition } from '../package/definition';
import { document, inCode, ROOT, tableRows } from './documents';

const LISTENERS = CHANNEL_TYPES.map((type) => ({ type, page: `docs/nodes/${type}.md` }));
const CONNECTION = 'docs/nodes/connection.md';
const SEND = 'docs/nodes/send.md';
const DONE = 'docs/nodes/done.md';
const API = 'docs/nodes/api.md';

/** Those that no listener tells. */
const SEND_ERRORS: readonly string[] = ['SEND_REFUSED', 'SEND_UNCERTAIN'];

/** Company and user channels have no messages, so nothing is fetched for them. */
const NEVER_RECOVERS: readonly string[] = ['company', 'user'];

/** ChatApp has webhooks for the messengers of lines only. */
const HAS_WEBHOOKS = 'messenger';
const OF_WEBHOOKS: readonly string[] = ['webhookOnly', 'socketOnly', 'webhookTaken', 'WEBHOOK_TAKEN', 'WEBHOOK_FAILED'];

const texts = new Map([
  ...catalogue('chatapp-connection'),
  ...catalogue('chatapp-send'),
  ...catalogue('chatapp-api'),
  ...catalogue('chatapp-done'),
]);

describe('the pages of the nodes', () => {
  it('are one for each node type', () => {
    for (const type of Object.keys(manifest['node-red'].nodes)) {
      const page = `docs/nodes/${type.replace('chatapp-', '')}.md`;
      assert.ok(existsSync(join(ROOT, page)), page);
      assert.ok(document(page).text.includes(`\n\`${type}\` `), `${page} names its type`);
    }
  });

  const others = [
    { type: 'connection', page: CONNECTION },
    { type: 'send', page: SEND },
    { type: 'api', page: API },
    { type: 'done', page: DONE },
  ];
  for (const { type, page } of [...LISTENERS, ...others]) {
    it(`name every saved property with its label and its default: ${type}`, () => {
      const rows = tableRows(document(page), 'Field', 'Property', 'Default', 'What it is');
      const listed = rows.map(([label, property, value, what = '']) => {
        assert.ok(what.length > 15, property);
        return [inCode(property)[0], inCode(value)[0], label];
      });
      const defaults = Object.entries(definition(type).defaults);
      assert.deepEqual(
        listed.sort(),
        defaults.map(([name, { value }]) => [name, JSON.stringify(value), labelOf(type, name)]).sort(),
      );
    });
  }

  for (const { type, page } of LISTENERS) {
    it(`name every status that a node can have: ${type}`, () => {
      const possible = STATUS_KINDS.filter(
        (kind) =>
          (kind !== 'recovering' || !NEVER_RECOVERS.includes(type)) &&
          (type === HAS_WEBHOOKS || !OF_WEBHOOKS.includes(kind)),
      );
      const named = inCode(section(page, 'Statuses')).filter((word) => STATUS_KINDS.some((kind) => kind === word));
      assert.deepEqual(named, possible);
    });

    it(`name every error: ${type}`, () => {
      const named = new Set(inCode(section(page, 'Errors')));
      const others = type === HAS_WEBHOOKS ? SEND_ERRORS : [...SEND_ERRORS, ...OF_WEBHOOKS];
      const own = Object.keys(ERRORS).filter((code) => !others.includes(code));
      for (const code of own) assert.ok(named.has(code), code);
    });

    it(`show the events of the channel, and a message of one of them: ${type}`, () => {
      const { text } = document(page);
      assert.ok(text.includes(`<!-- events ${type} -->`));
      assert.match(text, new RegExp(`<!-- sample ${type} \\w+ -->`));
    });
  }

  it('name every action of a send node, and what it takes', () => {
    const rows = tableRows(document(SEND), 'Action', '`msg.payload`');
    assert.deepEqual(
      rows.map(([action]) => inCode(action)[0]),
      [...SEND_ACTIONS],
    );
  });

  it('name every status of a send node, with look and text', () => {
    const rows = tableRows(document(SEND), 'Status', 'Look', 'Text', 'Meaning', 'What to do');
    assert.deepEqual(
      rows.map(([kind, look, text]) => [inCode(kind)[0], look, inCode(text)[0]]),
      SEND_STATUS_KINDS.map((kind) => {
        const { fill, shape } = sendNodeStatus({ _: (key) => key }, { kind }, 0);
        const text = texts.get(`chatapp-send.status.${kind}`)?.replace(/__(\w+)__/g, '{$1}');
        return [kind, `${fill} ${shape}`, text];
      }),
    );
    for (const row of rows)
      assert.ok(
        row.every((cell) => cell !== ''),
        row[0],
      );
  });

  it('name every status of a done node, with look and text', () => {
    const rows = tableRows(document(DONE), 'Status', 'Look', 'Text', 'Meaning', 'What to do');
    assert.deepEqual(
      rows.map(([kind, look, text]) => [inCode(kind)[0], look, inCode(text)[0]]),
      DONE_STATUS_KINDS.map((kind) => {
        const { fill, shape } = doneNodeStatus({ _: (key) => key }, kind, 0);
        const text = texts.get(`chatapp-done.status.${kind}`)?.replace(/__(\w+)__/g, '{$1}');
        return [kind, `${fill} ${shape}`, text];
      }),
    );
  });

  it('name every status of an API node, with look and text, and every method that it offers', () => {
    const rows = tableRows(document(API), 'Status', 'Look', 'Text', 'Meaning', 'What to do');
    assert.deepEqual(
      rows.map(([kind, look, text]) => [inCode(kind)[0], look, inCode(text)[0]]),
      API_STATUS_KINDS.map((kind) => {
        const { fill, shape } = apiNodeStatus({ _: (key) => key }, kind, 0);
        return [kind, `${fill} ${shape}`, texts.get(`chatapp-api.status.${kind}`)?.replace(/__(\w+)__/g, '{$1}')];
      }),
    );
    const methods = tableRows(document(API), 'Method', 'Preset', 'Path', 'Parameters');
    assert.deepEqual(
      methods.map(([label, preset, path]) => [label, inCode(preset)[0], inCode(path)[0]]),
      PRESET_NAMES.map((name) => {
        const { method = '', path = '' } = presetOf(name) ?? {};
        return [texts.get(`chatapp-api.preset.${name}`), name, `${method} ${path}`];
      }),
    );
  });

  it('name every error that a send node can end with', () => {
    const named = new Set(inCode(section(SEND, 'Errors')));
    const reported = tableRows(document('docs/errors.md'), 'Code', 'Reason').filter((row) =>
      row[5]?.includes('send node'),
    );
    assert.ok(reported.length > 10);
    const others = ['API_FAILED', 'TOKEN_INVALID', 'LOGIN_REFUSED', 'TOKEN_QUOTA', 'CONFIG_INVALID'];
    for (const code of [...reported.map(([code]) => inCode(code)[0] ?? ''), ...others])
      assert.ok(named.has(code), code);
  });

  it('name every credential of the connection, with its label', () => {
    const rows = tableRows(document(CONNECTION), 'Field', 'Credential', 'For', 'What it is');
    assert.deepEqual(
      rows.map(([label, credential]) => [inCode(credential)[0], label]),
      Object.keys(definition('connection').credentials ?? {}).map((name) => [name, labelOf('connection', name)]),
    );
  });

  it('name the errors of a connection, and the steps of its check in their order', () => {
    const named = new Set(inCode(section(CONNECTION, 'Errors')));
    const reporters = tableRows(document('docs/errors.md'), 'Code', 'Reason').map((row) => [row[0], row[5]]);
    for (const [code, reported = ''] of reporters) {
      if (reported.includes('connection')) assert.ok(named.has(inCode(code)[0] ?? ''), code);
    }
    const steps = [...section(CONNECTION, 'Check connection').matchAll(/^\d\. \*\*(\w+)\*\*:/gm)].map(
      ([, step]) => step,
    );
    const labels = CHECK_STEPS.map((step) => texts.get(`check.step.${step}`)?.replace(/:$/, ''));
    assert.deepEqual(steps, labels);
    const explained = tableRows(document('docs/troubleshooting.md'), 'Step', 'When it fails').map(([step]) => step);
    assert.deepEqual(explained, labels);
  });
});

/** The words of the editor before a field; `(none)` for properties that the dialog sets by itself. */
function labelOf(type: string, name: string): string {
  if (/^(outputs|version|failed|(text|file|fileName|caption|body)Type)$/.test(name)) return '(none)';
  const groups = type === 'connection' ? ['chatapp-connection'] : ['listener', `chatapp-${type}`];
  const keys = groups.flatMap((group) => [`${group}.label.${name}`, `${group}.${name}.label`, `${group}.${name}`]);
  const found = keys.map((key) => texts.get(key)).find((text) => text !== undefined);
  assert.ok(found, name);
  return found;
}

function definition(type: string): Definition {
  const file = join(ROOT, `dist/nodes/chatapp-${type}/chatapp-${type}.html`);
  return register(readFileSync(file, 'utf8'));
}

/** What stands under a heading of the second level. */
function section(page: string, heading: string): string {
  const [, text] = document(page).text.split(`\n## ${heading}\n`);
  assert.ok(text !== undefined, `${page} has no "${heading}"`);
  return text.split('\n## ')[0] ?? '';
}
