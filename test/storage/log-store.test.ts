import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../src/clock';
import type { ChatAppError } from '../../src/errors';
import type { OpenFile } from '../../src/storage/segment';
import { openStore, type OpenStore } from '../../src/storage/stored-texts';
import { scaledClock } from '../support/scaled-clock';
import { LogDisk, liveRecords } from '../support/log-disk';

/** A retry after 30 s comes after 100 ms. */
const TIMES = 300;
const TOKENS = 'tokens-0123456789abcdef.json';
const SECRET = 'callback-secret-a%2Fb.json';

describe('LogStore', () => {
  let disk: LogDisk;
  const stores: OpenStore[] = [];
  /** How often somebody has tried to open the log. */
  let tries: number;
  /** How long timers were to wait, in ms. */
  let waits: number[];
  beforeEach(async () => {
    disk = await LogDisk.create();
    [tries, waits] = [0, []];
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await disk.remove();
  });

  const open = (): OpenStore => {
    const scaled = scaledClock(TIMES);
    const after: Clock['after'] = (delay, run) => {
      waits.push(delay);
      return scaled.after(delay, run);
    };
    const openFile: OpenFile = (path, ...how) => {
      if (path.endsWith('owner')) tries += 1;
      return disk.open(path, ...how);
    };
    const store = openStore(disk.folder, { clock: { ...scaled, after }, open: openFile });
    stores.push(store);
    return store;
  };
  const reopen = async (store: OpenStore): Promise<OpenStore> => {
    await store.close();
    return open();
  };
  /** What the store reports to an observer, oldest first: `works` or the error. */
  const observed = (store: OpenStore): string[] => {
    const reported: string[] = [];
    const note = (error: ChatAppError | undefined): number => reported.push(error ? textOf(error) : 'works');
    store.observe?.({ onState: note, onError: note });
    return reported;
  };
  const files = async (): Promise<string[]> => (await readdir(disk.folder)).toSorted();
  const textsInLog = async (): Promise<unknown[]> => {
    const log = await disk.openLog(join(disk.folder, 'log'));
    const records = [...(await liveRecords(log)).values()];
    await log.close(5_000);
    return records;
  };

  it('keeps the last text of each name across restarts, and nothing else', async () => {
    let store = open();
    assert.equal(await store.read(TOKENS), undefined);
    await Promise.all([store.write(TOKENS, 'first'), store.write(SECRET, 'secret'), store.write(TOKENS, 'second')]);
    await store.write(TOKENS, 'third');
    assert.equal(await store.read(TOKENS), 'third');
    store = await reopen(store);
    assert.deepEqual([await store.read(TOKENS), await store.read(SECRET)], ['third', 'secret']);
    await store.remove(SECRET);
    store = await reopen(store);
    assert.equal(await store.read(SECRET), undefined);
    await store.close();
    assert.deepEqual(await textsInLog(), [{ kind: 'text', name: TOKENS, text: 'third' }]);
  });

  it('uses the later one of two records that a crash has left of a name, and removes the other', async () => {
    const log = await disk.openLog(join(disk.folder, 'log'));
    for (const text of ['old', 'new']) await log.append({ kind: 'text', name: TOKENS, text });
    await log.append({ kind: 'other', name: TOKENS, text: 'of another kind' });
    await log.close(5_000);
    const store = open();
    assert.equal(await store.read(TOKENS), 'new');
    await store.close();
    assert.deepEqual(
      (await textsInLog()).map((record) => JSON.stringify(record).includes('"old"')),
      [false, false],
    );
  });

  it('takes over the files of an earlier version, and removes them only when they are in the log', async () => {
    for (const name of [TOKENS, SECRET, 'connections.json', 'positions-a.json']) {
      await writeFile(join(disk.folder, name), `text of ${name}`);
    }
    const before = await files();
    const atWrite: string[][] = [];
    disk.beforeWrite = async () => void atWrite.push((await files()).filter((name) => name !== 'log'));
    let store = open();
    await store.read(TOKENS);
    assert.ok(atWrite.length > 0);
    for (const there of atWrite) assert.deepEqual(there, before);
    disk.beforeWrite = () => undefined;
    assert.deepEqual(await files(), ['log', 'positions-a.json']);
    store = await reopen(store);
    for (const name of [TOKENS, SECRET, 'connections.json', 'positions-a.json']) {
      assert.equal(await store.read(name), `text of ${name}`);
    }
  });

  it('does not bring an older file over what is in the log', async () => {
    let store = open();
    await store.write(TOKENS, 'newer');
    await writeFile(join(disk.folder, TOKENS), 'older');
    store = await reopen(store);
    assert.equal(await store.read(TOKENS), 'newer');
    assert.deepEqual(await files(), ['log']);
  });

  it('leaves the files of an earlier version alone while the disk is full, and uses them', async () => {
    await writeFile(join(disk.folder, TOKENS), 'text');
    disk.room = 0;
    let store = open();
    const reported = observed(store);
    assert.equal(await store.read(TOKENS), 'text');
    assert.ok((await files()).includes(TOKENS));
    await until(() => reported.includes('full'));
    disk.room = Infinity;
    await until(() => reported.at(-1) === 'works');
    await store.read(TOKENS);
    store = await reopen(store);
    assert.equal(await store.read(TOKENS), 'text');
    assert.deepEqual(await files(), ['log']);
  });

  it('works in memory while the log cannot be opened, says so once, and writes it when it can', async () => {
    await writeFile(join(disk.folder, 'log'), 'not a folder');
    let store = open();
    const reported = observed(store);
    await store.write(TOKENS, 'first');
    await store.write(TOKENS, 'second');
    assert.equal(await store.read(TOKENS), 'second');
    await until(() => tries === 4);
    assert.deepEqual(reported, ['works', 'unavailable ENOTDIR']);
    await rm(join(disk.folder, 'log'));
    await until(() => reported.length > 2);
    assert.equal(reported[2], 'works');
    await store.opened;
    assert.equal(await store.read(TOKENS), 'second');
    store = await reopen(store);
    assert.equal(await store.read(TOKENS), 'second');
  });

  it('stores the key of what was locked in memory, as soon as that is possible', async () => {
    const folder = join(disk.folder, 'chatapp');
    await writeFile(folder, 'not a folder');
    const store = openStore(folder, { clock: scaledClock(TIMES) });
    stores.push(store);
    observed(store);
    const key = await store.key?.('login');
    await store.write(TOKENS, `locked with ${key}`);
    await rm(folder);
    await store.opened;
    await store.read(TOKENS);
    await store.write(SECRET, 'later');
    assert.equal(await readFile(join(folder, 'machine-key'), 'utf8'), key);
    assert.equal(await store.key?.('login'), key);
  });

  it('prefers what was written in memory to what turns out to be stored, and keeps the rest', async () => {
    let store = open();
    await Promise.all([store.write(TOKENS, 'stored'), store.write(SECRET, 'stored')]);
    await store.close();
    disk.failure = { on: 'open', code: 'EROFS' };
    store = open();
    const reported = observed(store);
    assert.equal(await store.read(TOKENS), undefined);
    await store.write(TOKENS, 'newer');
    assert.deepEqual(reported, ['works', 'unavailable EROFS']);
    disk.failure = undefined;
    await store.opened;
    assert.deepEqual([await store.read(TOKENS), await store.read(SECRET)], ['newer', 'stored']);
    store = await reopen(store);
    assert.deepEqual([await store.read(TOKENS), await store.read(SECRET)], ['newer', 'stored']);
  });

  it('writes what a full disk has refused as soon as there is room', async () => {
    let store = open();
    const reported = observed(store);
    await store.write(TOKENS, 'first');
    disk.room = 10;
    await store.write(TOKENS, 'second');
    assert.equal(await store.read(TOKENS), 'second');
    await until(() => reported.at(-1) === 'full');
    disk.room = Infinity;
    await until(() => reported.at(-1) === 'works');
    // It is written before what is asked next.
    await store.remove('nothing');
    store = await reopen(store);
    assert.equal(await store.read(TOKENS), 'second');
  });

  it('leaves the log to the process that has opened it last, and reports it', async () => {
    const former = open();
    const reported = observed(former);
    await former.write(TOKENS, 'first');
    const later = open();
    const reportedLater = observed(later);
    await later.write(SECRET, 'by the later one');
    await former.write(TOKENS, 'by the former one');
    assert.deepEqual(reported, ['works', 'works', 'unavailable another Node-RED uses the same user directory']);
    assert.equal(await former.read(TOKENS), 'by the former one');
    assert.ok(!waits.includes(30_000), 'it does not try again');
    await later.write(SECRET, 'still by the later one');
    assert.deepEqual(
      reportedLater.filter((state) => state !== 'works'),
      [],
    );
    assert.equal(reported.length, 3);
    const last = await reopen(later);
    assert.deepEqual([await last.read(TOKENS), await last.read(SECRET)], ['first', 'still by the later one']);
  });

  it('reports damaged records with their count, and uses the rest', async () => {
    let store = open();
    for (const name of [TOKENS, SECRET]) await store.write(name, `text of ${name}`);
    await store.close();
    const folder = join(disk.folder, 'log');
    const [segment = ''] = await disk.segments(folder);
    const content = await readFile(join(folder, segment));
    content.fill(0, content.indexOf('text of tokens'), content.indexOf('text of tokens') + 3);
    await writeFile(join(folder, segment), content);
    store = open();
    const reported = observed(store);
    assert.deepEqual([await store.read(TOKENS), await store.read(SECRET)], [undefined, `text of ${SECRET}`]);
    assert.deepEqual(
      reported.filter((state) => state !== 'works'),
      ['corrupt 1'],
    );
  });

  it('does not make the user directory again', async () => {
    const store = openStore(join(disk.folder, 'gone', 'chatapp'), { clock: scaledClock(TIMES) });
    stores.push(store);
    await store.write(TOKENS, 'text');
    assert.deepEqual(await files(), []);
    await mkdir(join(disk.folder, 'gone'));
    const reported = observed(store);
    await until(() => reported.at(-1) === 'works' && reported.length > 1);
    await store.opened;
  });
});

function textOf({ code, reason, params: { problem, count } }: ChatAppError): string {
  assert.equal(code, 'STORE_FAILED');
  return [reason, problem ?? count].filter(Boolean).join(' ');
}

async function until(predicate: () => boolean): Promise<void> {
  while (!predicate()) await new Promise((resolve) => setTimeout(resolve, 5));
}
