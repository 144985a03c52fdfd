import assert from 'node:assert/strict';
import { isRecord } from '../src/events/json';
import { nameOf, SecretBox } from '../src/secret-box';

describe('SecretBox', () => {
  it('gives the text back to who knows the secret', async () => {
    const locked = await new SecretBox('secret').lock('Привет');
    assert.equal(await new SecretBox('secret').unlock(locked), 'Привет');
  });

  it('gives nothing to who does not', async () => {
    const locked = await new SecretBox('secret').lock('text');
    assert.equal(await new SecretBox('Secret').unlock(locked), undefined);
  });

  describe('in a store with a key', () => {
    const withKey = (key: string): SecretBox => new SecretBox('weak', { storeKey: () => Promise.resolve(key) });

    it('gives nothing to who has the secret, but not the key', async () => {
      const locked = await withKey('one').lock('text');
      assert.equal(await withKey('one').unlock(locked), 'text');
      assert.equal(await withKey('other').unlock(locked), undefined);
      assert.equal(await new SecretBox('weak').unlock(locked), undefined);
    });

    it('still reads what an earlier version has locked, and knows it from its own', async () => {
      const earlier = await new SecretBox('weak').lock('text');
      assert.equal(await withKey('one').unlock(earlier), 'text');
      assert.equal(withKey('one').isCurrent(earlier), false);
      assert.equal(withKey('one').isCurrent(await withKey('one').lock('text')), true);
    });

    it('asks for the key again after it could not be read', async () => {
      let tries = 0;
      const storeKey = (): Promise<string> => (tries++ === 0 ? Promise.reject(new Error('EIO')) : Promise.resolve('k'));
      const box = new SecretBox('weak', { storeKey });
      await assert.rejects(box.lock('text'));
      assert.equal(await box.unlock(await box.lock('text')), 'text');
    });
  });

  it('shows neither text nor secret, and never the same twice', async () => {
    const box = new SecretBox('the secret');
    const [one, other] = await Promise.all([box.lock('the text'), box.lock('the text')]);
    assert.notEqual(one, other);
    for (const part of ['the text', 'the secret', Buffer.from('the text').toString('base64')]) {
      assert.ok(!one.includes(part));
    }
  });

  it('gives nothing where somebody has changed it', async () => {
    const box = new SecretBox('secret');
    const locked: unknown = JSON.parse(await box.lock('text'));
    assert.ok(isRecord(locked));
    for (const part of ['salt', 'nonce', 'tag', 'data']) {
      const bytes: Buffer = Buffer.from(String(locked[part]), 'base64');
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
      assert.equal(await box.unlock(JSON.stringify({ ...locked, [part]: bytes.toString('base64') })), undefined, part);
    }
  });

  it('gives nothing, and does not throw, for what it never locked', async () => {
    const box = new SecretBox('secret');
    const odd = ['', '{}', 'null', '[]', '{"salt":1}', '{"salt":"","nonce":"","tag":"","data":""}', '\0'];
    for (const text of odd) assert.equal(await box.unlock(text), undefined, text);
  });

  it('names what belongs to a secret without telling it', () => {
    assert.match(nameOf('a secret'), /^[0-9a-f]{16}$/);
    assert.notEqual(nameOf('a secret'), nameOf('another'));
  });
});
