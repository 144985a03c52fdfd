import assert from 'node:assert/strict';
import { detail } from '../../../src/error-details';
import { endedRows, rowsOf } from '../../../nodes/shared/editor/connection/check';
import { requestProblem } from '../../../nodes/shared/editor/page/requests';
import { asEditor, translate } from './editor-words';

const OK = '{"step":"settings","outcome":"ok"}\n{"step":"login","outcome":"ok"}\n';
const REFUSED = { code: 'LOGIN_REFUSED', reason: 'credentials', params: {} };
const WORDS = 'ChatApp refuses the login. Check email, password and app id in the connection.';

describe('the words of the check and of what goes wrong', () => {
  let leave: () => void;
  before(() => (leave = asEditor({ RED: { _: translate } })));
  after(() => leave());

  it('before anything came, every step is under way', () => {
    assert.deepEqual(outcomes(''), ['pending', 'pending', 'pending', 'pending']);
  });

  it('steps show as they arrive, in their own order, whole lines only', () => {
    assert.deepEqual(outcomes(OK), ['ok', 'ok', 'pending', 'pending']);
    assert.deepEqual(outcomes('{"step":"socket","outcome":"ok"}\n{"step":"settings","outc'), [
      'pending',
      'pending',
      'pending',
      'ok',
    ]);
    assert.deepEqual(outcomes(`${OK}nonsense\n{"step":"other","outcome":"ok"}\n[]\n`), [
      'ok',
      'ok',
      'pending',
      'pending',
    ]);
  });

  it('reports how many lines and messengers there are', () => {
    const lines = (numbers: string): string | undefined =>
      rowsOf(`{"step":"lines","outcome":"ok",${numbers}}`)[2]?.words;
    assert.equal(lines('"lines":12,"messengers":15'), '12 lines, 15 messengers');
    assert.equal(lines('"lines":1,"messengers":1'), '1 line, 1 messenger');
    assert.equal(lines('"lines":0,"messengers":0'), '0 lines, 0 messengers');
    assert.equal(lines('"lines":"many"'), 'in order');
  });

  it('shows warnings that the dialog does not show itself', () => {
    const settings = '{"step":"settings","outcome":"ok","warnings":[{"key":"noAdminAuth"},{"key":"natsOpen"}]}\n';
    const shown = 'Node-RED has no login (adminAuth): anyone who can open the editor can use this account';
    assert.match(rowsOf(settings)[0]?.words ?? '', /adminAuth.*NATS/);
    assert.doesNotMatch(rowsOf(settings, false, [shown])[0]?.words ?? '', /adminAuth/);
    assert.match(rowsOf(settings, false, [shown])[0]?.words ?? '', /NATS/);
  });

  it('says of a step that failed why, and what to do about it', () => {
    const [, login, , socket] = rowsOf(
      `{"step":"login","outcome":"failed","failure":${JSON.stringify(REFUSED)}}\n{"step":"socket","outcome":"failed"}`,
    );
    assert.deepEqual(login, { step: 'login', outcome: 'failed', words: WORDS });
    assert.equal(socket?.words, 'Node-RED did not report the result. See its log.');
  });

  it('shows NATS last where the connection has one, and does not say that it is tried again', () => {
    assert.deepEqual(
      rowsOf('', true).map(({ step }) => step),
      ['settings', 'login', 'lines', 'socket', 'cluster'],
    );
    const step = (failure: object): string => JSON.stringify({ step: 'cluster', outcome: 'failed', failure });
    const params = { hosts: 'n:4222', since: 'now', status: 'ECONNREFUSED' };
    const words = (reason: string): string | undefined =>
      rowsOf(step({ code: 'CLUSTER_FAILED', reason, params }), true).at(-1)?.words;
    assert.equal(
      words('unreachable'),
      'NATS at n:4222 cannot be reached (ECONNREFUSED). Check its address, its port and the network.',
    );
    assert.match(words('refused') ?? '', /^NATS at n:4222 refuses the login \(ECONNREFUSED\)/);
  });

  it('shows NATS where Node-RED says that there is one, whatever stands in the dialog: a variable may be empty', () => {
    const shown = (settings: string, expectsCluster: boolean): boolean =>
      rowsOf(settings, expectsCluster).some(({ step }) => step === 'cluster');
    const withNats = '{"step":"settings","outcome":"ok","hasCluster":true}\n';
    assert.deepEqual([shown('', true), shown(OK, true), shown('', false)], [true, false, false]);
    assert.deepEqual([shown(withNats, true), shown(withNats, false)], [true, true]);
  });

  it('of a socket that is dead it does not say that it is tried again', () => {
    const failure = {
      code: 'CONNECTION_LOST',
      reason: 'outage',
      params: { host: 'h:1', since: 'now', status: 'ECONNREFUSED' },
    };
    const rows = rowsOf(`{"step":"socket","outcome":"failed","failure":${JSON.stringify(failure)}}`);
    assert.equal(rows[3]?.words, 'h:1 cannot be reached (ECONNREFUSED). Check network, proxy and socket URL.');
  });

  it('nothing stays under way when the check is over', () => {
    const rows = endedRows(rowsOf(OK), 'because');
    assert.deepEqual(
      rows.map(({ outcome, words }) => `${outcome} ${words}`),
      ['ok in order', 'ok in order', 'failed because', 'skipped unknown'],
    );
  });

  it('shows a failure in the words of its error, with its details', () => {
    assert.equal(requestProblem(422, REFUSED), WORDS);
    const missing = {
      code: 'CONFIG_INVALID',
      reason: 'missing',
      params: { field: 'email', ...detail('wanted', 'email') },
    };
    assert.equal(requestProblem(422, missing), 'E-mail is missing: the e-mail address to log in with.');
  });

  it('one that this editor does not know is reported by its code, and values are never taken for places', () => {
    assert.equal(requestProblem(422, { code: 'NEW', reason: 'odd' }), 'NEW: odd');
    const tricky = {
      code: 'API_FAILED',
      reason: 'timeout',
      params: { host: '__seconds__ $t(account.reading)', seconds: 5 },
    };
    assert.equal(requestProblem(422, tricky), '__seconds__ $t(account.reading) did not answer within 5 s.');
  });

  it('tells a user with read access only what is missing', () => {
    for (const status of [401, 403]) {
      assert.match(requestProblem(status, undefined), /^You may look at flows, but not read this account/);
      assert.match(requestProblem(status, undefined, 'check.forbidden'), /^You may look at flows, but not check/);
    }
  });

  it('reports a Node-RED that does not answer, or answers oddly', () => {
    for (const status of [0, 500, 502]) {
      assert.equal(requestProblem(status, '<html>'), 'Node-RED did not answer. Is it running?');
    }
    assert.equal(requestProblem(413, {}), 'Node-RED cannot read the account (status 413)');
    assert.equal(requestProblem(422, { code: 5 }), 'Node-RED cannot read the account (status 422)');
  });
});

function outcomes(answer: string): string[] {
  return rowsOf(answer).map(({ outcome }) => outcome);
}
