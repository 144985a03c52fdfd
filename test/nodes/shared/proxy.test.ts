import assert from 'node:assert/strict';
import { proxyFor } from '../../../nodes/shared/proxy';

describe('the proxy', () => {
  const API = 'https://api.chatapp.online/v1/licenses';
  const SOCKET = 'wss://socket.chatapp.online:6001';
  const env = { https_proxy: 'http://proxy.example:3128', no_proxy: 'localhost,.intern.example' };

  it('is the same for requests and for the socket', () => {
    assert.equal(proxyFor(API, {}, env), 'http://proxy.example:3128');
    assert.equal(proxyFor(SOCKET, {}, env), 'http://proxy.example:3128');
  });

  it('may be another one for the socket', () => {
    assert.equal(proxyFor(SOCKET, {}, { ...env, wss_proxy: 'http://other.example:1' }), 'http://other.example:1');
  });

  it('is none where no variable is set', () => {
    assert.equal(proxyFor(API, {}, {}), undefined);
    assert.equal(proxyFor(API, {}, { https_proxy: '', HTTPS_PROXY: '' }), undefined);
  });

  it('is none for hosts that no_proxy names, with port and beginnings', () => {
    const none = (noProxy: string): boolean => proxyFor(SOCKET, {}, { ...env, no_proxy: noProxy }) === undefined;
    for (const entry of [
      '*',
      'socket.chatapp.online',
      '.chatapp.online',
      '*.chatapp.online',
      'a, socket.chatapp.online:6001',
    ]) {
      assert.ok(none(entry), entry);
    }
    for (const entry of ['', 'chatapp.online', 'socket.chatapp.online:443', 'example.org'])
      assert.ok(!none(entry), entry);
  });

  it('is read from variables in capitals too, in the order of Node-RED', () => {
    const both = { https_proxy: 'http://small', HTTPS_PROXY: 'http://capital' };
    assert.equal(proxyFor(API, {}, { HTTPS_PROXY: 'http://capital' }), 'http://capital');
    assert.equal(proxyFor(API, {}, both), 'http://small');
    assert.equal(proxyFor(API, { favourUpperCase: true }, both), 'http://capital');
    assert.equal(proxyFor(API, { lowerCaseOnly: true }, { HTTPS_PROXY: 'http://capital' }), undefined);
  });

  it('may come from the settings of npm, unless these are excluded', () => {
    const npm = { npm_config_https_proxy: 'http://npm.example' };
    assert.equal(proxyFor(API, {}, npm), 'http://npm.example');
    assert.equal(proxyFor(API, { excludeNpm: true }, npm), undefined);
  });

  it('gets a protocol where it has none', () => {
    assert.equal(proxyFor(API, {}, { all_proxy: 'proxy.example:8080' }), 'http://proxy.example:8080');
  });

  it('follows http_proxy alone in the legacy mode', () => {
    const legacy = { mode: 'legacy' } as const;
    assert.equal(
      proxyFor(API, legacy, { http_proxy: 'http://old.example', https_proxy: 'http://x' }),
      'http://old.example',
    );
    assert.equal(proxyFor(API, legacy, { http_proxy: 'http://old.example', no_proxy: 'chatapp' }), undefined);
  });
});
