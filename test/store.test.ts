import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
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
