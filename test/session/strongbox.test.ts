import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import { nameOf, Strongbox } from '../../src/session/strongbox';

describe('the strongbox', () => {
  it('gives the text back to who knows the secret', async () => {
    const locked = await new Strongbox('secret').lock('Привет');
    assert.equal(await new Strongbox('secret').unlock(locked), 'Привет');
  });

  it('gives nothing to who does not', async () => {
    const locked = await new Strongbox('secret').lock('text');
    assert.equal(await new Strongbox('Secret').unlock(locked), undefined);
  });

  it('shows neither text nor secret, and never the same twice', async () => {
    const box = new Strongbox('the secret');
    const [one, other] = await Promise.all([box.lock('the text'), box.lock('the text')]);
    assert.notEqual(one, other);
    for (const part of ['the text', 'the secret', Buffer.from('the text').toString('base64')]) {
      assert.ok(!one.includes(part));
    }
  });

  it('gives nothing where somebody has changed it', async () => {
    const box = new Strongbox('secret');
    const locked: unknown = JSON.parse(await box.lock('text'));
    assert.ok(isRecord(locked));
    for (const part of ['salt', 'nonce', 'tag', 'data']) {
      const bytes: Buffer = Buffer.from(String(locked[part]), 'base64');
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
      assert.equal(await box.unlock(JSON.stringify({ ...locked, [part]: bytes.toString('base64') })), undefined, part);
    }
  });

  it('gives nothing, and does not throw, for what it never locked', async () => {
    const box = new Strongbox('secret');
    const odd = ['', '{}', 'null', '[]', '{"salt":1}', '{"salt":"","nonce":"","tag":"","data":""}', '\0'];
    for (const text of odd) assert.equal(await box.unlock(text), undefined, text);
  });

  it('names what belongs to a secret without telling it', () => {
    assert.match(nameOf('a secret'), /^[0-9a-f]{16}$/);
    assert.notEqual(nameOf('a secret'), nameOf('another'));
  });
});
