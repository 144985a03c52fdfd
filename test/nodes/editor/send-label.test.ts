import assert from 'node:assert/strict';
import type { Names } from '../../../nodes/shared/editor/account/labels';
import { sendLabel, type SendLabelSettings } from '../../../nodes/shared/editor/actions/send-actions';
import { words } from './editor-words';

/** What the account knows in these tests. */
const KNOWN: Names = {
  line: (id) => (id === '1229' ? 'Support line' : undefined),
  messenger: (line, type) => (line === '1229' && type === 'telegram' ? 'Telegram of Dana' : undefined),
  company: () => undefined,
  user: () => undefined,
};

describe('the label of a send node in the workspace', () => {
  const label = (settings: SendLabelSettings): string => sendLabel(settings, KNOWN, words);

  it('is the name, where there is one', () => {
    assert.equal(label({ name: 'Reply', action: 'file', licenseId: '1229' }), 'Reply');
  });

  it('else says what it does', () => {
    const said = ['text', 'file', 'template', 'read'].map((action) => label({ name: '', action }));
    assert.deepEqual(said, ['send text', 'send file', 'send template', 'mark as read']);
    assert.equal(label({}), 'send text', 'as it does where nothing is chosen');
    assert.equal(label({ action: '${ACTION}' }), 'send');
  });

  it('and where to, as far as the node itself says so', () => {
    assert.equal(label({ action: 'text', licenseId: '1229' }), 'send text · Support line');
    assert.equal(label({ action: 'read', licenseId: 7 }), 'mark as read · line 7');
    assert.equal(
      label({ licenseId: '1229', messengerType: 'telegram' }),
      'send text · Support line · Telegram of Dana',
    );
    assert.equal(label({ messengerType: 'telegram' }), 'send text · Telegram');
  });

  it('is never empty, whatever a flow made by hand holds', () => {
    for (const odd of [null, {}, [], true, '', '  ']) {
      assert.equal(label({ name: odd, action: odd, licenseId: odd, messengerType: odd }).split(' ')[0], 'send');
    }
  });
});
