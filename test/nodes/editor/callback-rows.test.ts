import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallbackEntry } from '../../../nodes/shared/callback-answers';
import { callbackRows, readCallbacks, summaryOf } from '../../../nodes/shared/editor/webhooks/callback-rows';
import { asEditor, translate } from './editor-words';

const LINE = { licenseId: '1229', messengerType: 'telegram' };
const LINES = [{ licenseId: '1229', name: 'Support line', messengers: [{ type: 'telegram', name: 'Telegram 2' }] }];

describe('the rows of callbacks', () => {
  let leave: () => void;
  before(() => (leave = asEditor({ RED: { _: translate } })));
  after(() => leave());

  it('are named by ids until the account is known, then by what people call them', () => {
    const nameIn = (lines: typeof LINES): string | undefined =>
      callbackRows([{ ...LINE, state: 'set' }], lines)[0]?.name;
    assert.equal(nameIn([]), 'line 1229 · Telegram');
    assert.equal(nameIn(LINES), 'Support line · Telegram 2');
  });

  it('keep their order among those that stand alike; what somebody has to look at comes first', () => {
    const states = ['set', 'setting', 'failed', 'taken', 'set', 'taken'] as const;
    const entries = states.map((state, index): CallbackEntry => ({ ...LINE, licenseId: String(index), state }));
    assert.deepEqual(
      callbackRows(entries, []).map(({ licenseId }) => licenseId),
      ['3', '5', '2', '1', '0', '4'],
    );
    assert.equal(summaryOf(entries), 'Set: 2 of 6');
  });

  it('only a webhook of another integration asks whether to replace it', () => {
    for (const state of ['set', 'setting', 'failed'] as const) {
      assert.equal(callbackRows([{ ...LINE, state, host: 'crm.example' }], [])[0]?.question, undefined);
    }
    const [row] = callbackRows([{ ...LINE, state: 'taken', host: 'crm.example' }], LINES);
    assert.match(row?.question ?? '', /Support line · Telegram 2.*crm\.example/);
  });

  it('one that failed says why in the words of its error, one without an error that it is tried again', () => {
    const failure = { code: 'API_FAILED', reason: 'timeout', params: { host: 'api.example', seconds: 10 } };
    const wordsOf = (entry: CallbackEntry): string | undefined => callbackRows([entry], [])[0]?.words;
    assert.equal(wordsOf({ ...LINE, state: 'failed', failure }), 'api.example did not answer within 10 s.');
    assert.equal(wordsOf({ ...LINE, state: 'failed' }), 'not set; it is tried again');
  });

  it('one that is set says which events ChatApp does not send there', () => {
    const params = { line: '1229 telegram', events: 'chatTag' };
    const failure = { code: 'WEBHOOK_FAILED', reason: 'events', params };
    const [row] = callbackRows([{ ...LINE, state: 'set', failure }], []);
    assert.match(row?.words ?? '', /does not send these events .*: chatTag/);
    assert.equal(callbackRows([{ ...LINE, state: 'set' }], [])[0]?.words, 'set');
  });

  it('are read out of any answer without harm, and only what is one counts', () => {
    const good = { ...LINE, state: 'taken', host: 'crm.example', secret: 'x' };
    assert.deepEqual(
      readCallbacks({ callbacks: [good, { ...good, state: 'gone' }, null, { ...good, licenseId: 1 }] }),
      [{ ...LINE, state: 'taken', host: 'crm.example' }],
    );
    assert.deepEqual(readCallbacks({ callbacks: [] }), []);
    for (const none of [undefined, null, [], 'x', {}, { callbacks: {} }]) assert.equal(readCallbacks(none), undefined);
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        callbackRows(readCallbacks({ callbacks: [answer] }) ?? [], []);
      }),
    );
  });
});
