import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WAIT_LIMIT } from '../support/wait-limit';
import { describeApi } from './describe-api';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const TEXT = 'a file';

class FileServer {
  answer(): { readonly body: string } {
    return { body: TEXT };
  }
}

describeApi('the example files/save', FileServer, (harness, stub) => {
  const folder = (): string => join(harness().folder, 'files', 'of customers');
  const names = async (): Promise<string[]> => (await readdir(folder()).catch(() => [])).sort();

  afterEach(() => rm(join(harness().folder, 'files'), { recursive: true, force: true }));

  async function run(): Promise<void> {
    await harness().run('files/save', { variables: { FOLDER: folder() } });
  }

  function send(id: string, chat: string, name: string): void {
    const file = { link: `${stub().url}/${id}?signature=a%2Fb&c=d`, name };
    harness().simulator.message({ ...LINE, id, chat, type: 'image', message: { text: null, caption: '', file } });
  }

  /** The names of the files once there are so many, and none of them is empty. */
  async function saved(count: number): Promise<string[]> {
    const end = Date.now() + WAIT_LIMIT;
    for (;;) {
      const found = await names();
      const texts = await Promise.all(found.map((name) => readFile(join(folder(), name), 'utf8')));
      if (found.length >= count && texts.every((text) => text === TEXT)) return found;
      assert.ok(Date.now() < end, `${count} files were expected, there are: ${found.join(', ')}`);
      await pause(20);
    }
  }

  it('saves each file under a name of its own, with what was fetched', async () => {
    await run();
    send('1', '7', 'menu.pdf');
    harness().simulator.message({ ...LINE, text: 'no file', chat: '7' });
    send('2', '7', 'menu.pdf');
    send('2', '8', 'menu.pdf');
    assert.deepEqual(await saved(3), [
      '50101_telegram_7-1-menu.pdf',
      '50101_telegram_7-2-menu.pdf',
      '50101_telegram_8-2-menu.pdf',
    ]);
    assert.ok(stub().requests.some(({ path }) => path === '/1?signature=a%2Fb&c=d'));
  });

  it('saves nothing outside the folder, whatever the name of a file is', async () => {
    await run();
    const hostile = ['../../../up.txt', '/etc/passwd', 'a\\..\\b', '..', `${'long '.repeat(60)}Имя.pdf`];
    for (const [at, name] of hostile.entries()) send(String(at), String(at), name);
    const found = await saved(hostile.length);
    assert.equal(found.length, hostile.length);
    assert.ok(found.every((name) => !/[/\\\s]/.test(name) && Buffer.byteLength(name) < 255));
    assert.ok(found.some((name) => name.endsWith('Имя.pdf')));
    assert.deepEqual(await readdir(join(harness().folder, 'files')), ['of customers']);
  });
});
