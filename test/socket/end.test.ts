import assert from 'node:assert/strict';
import { endOf, endOfError, errorOf, lost, type SocketEnd } from '../../src/socket/end';
import { nameOf } from '../support/errors';

const HOST = 'socket.example.test:6001';

/** An end in short: its words, the error for the user, and whether asking often is of use. */
function inShort(end: SocketEnd | undefined): unknown {
  return end && [end.detail, end.refusal ? nameOf(end.refusal) : 'lost', end.final ? 'final' : 'again'];
}

function failed(code: string): SocketEnd {
  return endOf({ error: Object.assign(new Error('words of a server'), { code }) }, HOST);
}

describe('the end of a socket', () => {
  for (const code of [1000, 1001, 1005, 1006, 1009, 1011, 1012, 4009, 4100, 4199, 4200, 4201, 4299, 4300, 4301, 4999]) {
    it(`close ${code} is a loss: it is tried again`, () => {
      assert.deepEqual(inShort(endOf({ code }, HOST)), [`close ${code}`, 'lost', 'again']);
    });
  }

  for (const code of [4000, 4001, 4003, 4004, 4007, 4008, 4010, 4099]) {
    it(`close ${code} is a refusal that stays: asking often is of no use`, () => {
      assert.deepEqual(inShort(endOf({ code }, HOST)), [`close ${code}`, 'CONNECTION_REFUSED.appKey', 'final']);
    });
  }

  for (const status of [408, 429, 500, 502, 503, 504, 521]) {
    it(`HTTP ${status} is a failure of the server: it is tried again`, () => {
      assert.deepEqual(inShort(endOf({ status }, HOST)), [`HTTP ${status}`, 'lost', 'again']);
    });
  }

  for (const status of [200, 301, 400, 401, 403, 404, 407, 426]) {
    it(`HTTP ${status} is no socket server: someone has to look at the URL`, () => {
      assert.deepEqual(inShort(endOf({ status }, HOST)), [`HTTP ${status}`, 'CONNECTION_REFUSED.address', 'again']);
    });
  }

  for (const code of [
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_UNTRUSTED',
    'CERT_REVOKED',
    'ERR_OSSL_PEM_NO_START_LINE',
  ]) {
    it(`${code} is a certificate that is not trusted`, () => {
      assert.deepEqual(inShort(failed(code)), [code, 'CONNECTION_REFUSED.certificate', 'again']);
      assert.match(failed(code).refusal?.message ?? '', new RegExp(`${HOST}.*${code}`));
    });
  }

  for (const code of ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER']) {
    it(`${code} is a server that speaks no TLS`, () => {
      assert.deepEqual(inShort(failed(code)), [code, 'CONNECTION_REFUSED.address', 'again']);
    });
  }

  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'EPIPE']) {
    it(`${code} is a loss: it is tried again`, () => {
      assert.deepEqual(inShort(failed(code)), [code, 'lost', 'again']);
    });
  }

  it('says nothing that a server said', () => {
    assert.deepEqual(inShort(endOf({ error: new Error('words of a server') }, HOST)), [
      'no connection',
      'lost',
      'again',
    ]);
    assert.deepEqual(inShort(endOf({}, HOST)), ['no connection', 'lost', 'again']);
    assert.deepEqual(inShort(lost('no handshake')), ['no handshake', 'lost', 'again']);
  });

  it('is reported as its refusal, or else as a lost connection with its host, time and words', () => {
    const refused = endOf({ code: 4001 }, HOST);
    assert.equal(errorOf(refused, HOST, 0), refused.refusal);
    const error = errorOf(failed('ECONNREFUSED'), HOST, 1_000);
    assert.equal(nameOf(error), 'CONNECTION_LOST.outage');
    assert.deepEqual(error.params, { host: HOST, since: '1970-01-01T00:00:01.000Z', status: 'ECONNREFUSED' });
  });
});

describe('a pusher:error', () => {
  it('with a code of its own ends the socket, before and after the handshake', () => {
    for (const established of [true, false]) {
      const read = (code: number): unknown => inShort(endOfError({ code, message: 'words of a server' }, established));
      assert.deepEqual(read(4001), ['error 4001', 'CONNECTION_REFUSED.appKey', 'final']);
      for (const code of [4100, 4200, 4201, 4301]) assert.deepEqual(read(code), [`error ${code}`, 'lost', 'again']);
    }
  });

  it('about a signature concerns one channel, once there is a handshake', () => {
    assert.equal(endOfError({ code: 4009, message: 'Invalid Signature' }, true), undefined);
    assert.deepEqual(inShort(endOfError({ code: 4009 }, false)), ['error 4009', 'lost', 'again']);
  });

  it('that says nothing usable ends a handshake, but no socket that works', () => {
    for (const data of [undefined, null, {}, [], 'no', { code: null }, { code: '4001' }, { message: 'x' }]) {
      assert.equal(endOfError(data, true), undefined);
      assert.deepEqual(inShort(endOfError(data, false)), ['unknown error', 'lost', 'again']);
    }
    assert.equal(endOfError({ code: 12 }, true), undefined);
    assert.deepEqual(inShort(endOfError({ code: 12 }, false)), ['error 12', 'lost', 'again']);
  });
});
