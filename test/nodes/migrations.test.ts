import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATION as API } from '../../nodes/chatapp-api/migration';
import { MIGRATION as COMPANY } from '../../nodes/chatapp-company/migration';
import { MIGRATION as CONNECTION } from '../../nodes/chatapp-connection/migration';
import { MIGRATION as DONE } from '../../nodes/chatapp-done/migration';
import { MIGRATION as EMPLOYEE } from '../../nodes/chatapp-employee/migration';
import { MIGRATION as MESSENGER } from '../../nodes/chatapp-messenger/migration';
import { MIGRATION as SEND } from '../../nodes/chatapp-send/migration';
import { MIGRATION as USER } from '../../nodes/chatapp-user/migration';
import { isUnversioned, migrate, VERSION, type Migration } from '../../nodes/shared/migration';
import manifest from '../../package.json';
import { register } from '../package/definition';

/** By type: what a node without a version means by leaving all properties out, if that differs from a new node. */
const TYPES: Readonly<Record<string, { migration: Migration; before: object }>> = {
  'chatapp-connection': { migration: CONNECTION, before: { auth: 'token' } },
  'chatapp-messenger': { migration: MESSENGER, before: { events: [], direction: 'any' } },
  'chatapp-company': { migration: COMPANY, before: {} },
  'chatapp-user': { migration: USER, before: {} },
  'chatapp-employee': { migration: EMPLOYEE, before: { events: [], direction: 'any' } },
  'chatapp-send': { migration: SEND, before: {} },
  'chatapp-api': { migration: API, before: {} },
  'chatapp-done': { migration: DONE, before: {} },
};

describe('the migration of saved nodes', () => {
  it('exists for every node type', () => {
    assert.deepEqual(Object.keys(TYPES), Object.keys(manifest['node-red'].nodes));
  });

  for (const [type, { migration, before }] of Object.entries(TYPES)) {
    describe(type, () => {
      it('has the defaults of a new node', () => {
        const html = readFileSync(join(__dirname, `../../dist/nodes/${type}/${type}.html`), 'utf8');
        const inEditor = Object.entries(register(html).defaults).map(([name, { value }]) => [name, value]);
        assert.deepEqual(JSON.parse(JSON.stringify(Object.fromEntries(inEditor))), { ...migration.defaults });
        assert.equal(migration.defaults.version, VERSION);
      });

      it('fills what a node without a version leaves out or has empty with what that meant', () => {
        const empty = Object.fromEntries(Object.keys(migration.defaults).map((name) => [name, '']));
        for (const saved of [{}, empty, { ...empty, version: undefined }, undefined]) {
          assert.deepEqual(migrate(saved, migration), { ...migration.defaults, ...before });
        }
      });

      it('fills what a node of this version leaves out with the defaults of new nodes', () => {
        assert.deepEqual(migrate({ version: 1 }, migration), migration.defaults);
      });

      it('keeps everything that was saved', () => {
        const saved = Object.fromEntries(Object.keys(migration.defaults).map((name) => [name, `saved ${name}`]));
        for (const version of [undefined, 0, 1, '1', 2]) {
          assert.deepEqual(migrate({ ...saved, version }, migration), { ...saved, version: VERSION });
        }
      });
    });
  }

  it('keeps what the check box of a done node from before there were outcomes meant', () => {
    const outcomeOf = (saved: object): unknown => migrate(saved, DONE).outcome;
    for (const failed of [true, 'true']) assert.equal(outcomeOf({ failed, version: 1 }), 'failed');
    for (const failed of [false, 'false']) assert.equal(outcomeOf({ failed }), 'done');
    assert.equal(outcomeOf({ failed: '${FAILED}' }), '${FAILED}');
    assert.equal(outcomeOf({ outcome: 'true', failed: '${FAILED}' }), 'failed', 'the variable of such a node');
    assert.equal(outcomeOf({ outcome: 'giveUp', failed: true }), 'giveUp');
    assert.equal(outcomeOf({}), 'auto');
  });

  it('drops the sender that a send node had hidden before files and templates had one', () => {
    assert.equal(migrate({ action: 'file', sender: 'system', version: 1 }, SEND).sender, '');
    assert.equal(migrate({ action: 'template', sender: 'system' }, SEND).sender, '');
    for (const action of ['text', '', undefined])
      assert.equal(migrate({ action, sender: 'system' }, SEND).sender, 'system');
    assert.equal(migrate({ action: 'file', sender: 'system', textType: 'str' }, SEND).sender, 'system');
  });

  it('takes a path without a preset, as in flows that were made by hand, for itself', () => {
    assert.equal(migrate({ path: '/v1/me' }, API).preset, 'path');
    assert.equal(migrate({ path: '/v1/me', preset: 'tags' }, API).preset, 'tags');
  });

  it('takes a node for one from before versions if its version is no number from 1 on', () => {
    for (const version of [undefined, null, '', 0, 'old', NaN, {}]) assert.ok(isUnversioned({ version }));
    for (const version of [1, '1', 2]) assert.ok(!isUnversioned({ version }), String(version));
    for (const saved of [undefined, null, 'node', {}]) assert.ok(isUnversioned(saved));
  });
});
