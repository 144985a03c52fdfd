import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '../src/store';

describe('the store on disk', () => {
  let folder: string;
  beforeEach(async () => (folder = join(await mkdtemp(join(tmpdir(), 'chatapp-store-')), 'chatapp')));
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  it('gives back what was written, in another process too, and nothing where nothing was written', async () => {
    assert.equal(await fileStore(folder).read('a.json'), undefined);
    await fileStore(folder).write('a.json', 'Привет');
    await fileStore(folder).write('a.json', 'Olá');
    assert.equal(await fileStore(folder).read('a.json'), 'Olá');
  });

  it('lets nobody else read it', async () => {
    await fileStore(folder).write('a.json', 'x');
    assert.equal((await stat(join(folder, 'a.json'))).mode & 0o777, 0o600);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  it('has one random key, which nobody else may read, however many ask for it first', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, async () => fileStore(folder).key('login')));
    assert.equal(new Set(keys).size, 1);
    assert.match(keys[0] ?? '', /^[\w-]{43}$/);
    assert.equal((await stat(join(folder, 'machine-key'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ['machine-key']);
  });

  it('keeps a key that was copied, with a line end or readable to others, and hides it again', async () => {
    const key = await fileStore(folder).key('login');
    await fileStore(folder).write('machine-key', `${key}\n`);
    await chmod(join(folder, 'machine-key'), 0o644);
    assert.equal(await fileStore(folder).key('login'), key);
    assert.equal((await stat(join(folder, 'machine-key'))).mode & 0o777, 0o600);
  });

  it('makes another key if the one on disk is spoilt', async () => {
    await fileStore(folder).write('machine-key', 'spoilt');
    const key = await fileStore(folder).key('login');
    assert.match(key, /^[\w-]{43}$/);
    assert.equal(await fileStore(folder).key('login'), key);
  });

  it('removes a text, also one that is not there', async () => {
    const store = fileStore(folder);
    await store.write('a.json', 'x');
    await store.remove('a.json');
    await store.remove('a.json');
    assert.equal(await store.read('a.json'), undefined);
  });

  it('leaves nothing but the texts behind, and none of them half written, however many write at once', async () => {
    const store = fileStore(folder);
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(texts.map((text) => store.write('a.json', text)));
    assert.deepEqual(await readdir(folder), ['a.json']);
    assert.ok(texts.includes((await store.read('a.json')) ?? ''));
  });

  it('tells where it cannot read or write', async () => {
    await fileStore(folder).write('a.json', 'x');
    await assert.rejects(fileStore(join(folder, 'a.json')).read('b.json'));
    await assert.rejects(fileStore(join(folder, 'a.json')).write('b.json', 'x'));
  });
});
