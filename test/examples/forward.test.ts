import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { isRecord } from '../../src/events/json';
import { document } from '../docs/documents';
import type { FarAnswer, FarRequest } from '../support/http-stub';
import { describeApi } from './describe-api';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const EVE = { id: '7001', name: 'Eve', phone: '77000000001' };
const ADAM = { id: '4711', name: 'Adam', phone: null, username: 'adam' };
const PICTURE = { link: 'https://files.example/a.jpg', name: 'a.jpg', mimeType: 'image/jpeg' };

/** An API that takes everything. Like Google's web apps, it answers at another address below `/exec`. */
class Server {
  answer({ path, headers }: FarRequest): FarAnswer {
    const location = `http://${headers.host}/answer`;
    return path === '/exec' ? { status: 302, headers: { location } } : { body: { ok: true } };
  }
}

describeApi('an example that forwards messages', Server, (harness, stub) => {
  const settings = (): Record<string, string> => ({
    TARGET_URL: `${stub().url}/crm`,
    AUTHORIZATION: 'Bearer a secret',
  });

  for (const name of ['crm/rest', 'crm/rest-robust']) {
    it(`sends the fields of a message, the login and a key that is the same for each attempt: ${name}`, async () => {
      await harness().run(name, { variables: settings() });
      const { id, time } = harness().simulator.message({ ...LINE, text: 'a "table"\nfor two?', chat: EVE });
      await stub().until(({ length }) => length >= 1);
      const { method, path, headers, json } = stub().requests[0] ?? assert.fail('there was no request');
      assert.deepEqual([method, path], ['POST', '/crm']);
      assert.equal(headers.authorization, 'Bearer a secret');
      assert.equal(headers['idempotency-key'], `50101/telegram/7001/${id}`);
      assert.deepEqual(json, {
        id: `50101/telegram/7001/${id}`,
        person: '+77000000001',
        name: 'Eve',
        phone: '+77000000001',
        text: 'a "table"\nfor two?',
        time: new Date(time * 1000).toISOString(),
        line: 'Flower shop',
        messenger: 'telegram',
      });
    });

    it(`names the chat as the person if there is no phone, and the address of a file: ${name}`, async () => {
      await harness().run(name, { variables: settings() });
      const message = { text: null, caption: 'look', file: PICTURE };
      harness().simulator.message({ ...LINE, type: 'image', message, chat: ADAM });
      await stub().until(({ length }) => length >= 1);
      const [request] = stub().requests;
      assert.ok(isRecord(request?.json));
      const { person, phone, username, text, file } = request.json;
      assert.deepEqual(
        [person, phone, username, text, file],
        ['50101/telegram/4711', undefined, 'adam', 'look', PICTURE.link],
      );
    });
  }

  it('sends all ready-to-use fields: forward/webhook', async () => {
    await harness().run('forward/webhook', { variables: { WEBHOOK_URL: `${stub().url}/hook` } });
    const { id } = harness().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await stub().until(({ length }) => length >= 1);
    const [request] = stub().requests;
    assert.ok(isRecord(request?.json) && isRecord(request.json.from));
    const { text, messageId, chatKey, lineName, attempt, from } = request.json;
    assert.deepEqual(
      [text, messageId, chatKey, lineName, attempt, from.phone],
      ['hello', id, '50101/telegram/7001', 'Flower shop', 1, '+77000000001'],
    );
  });

  it('adds each message to the sheet once, and no formula, by the script of its page: sheets/append', async () => {
    const flow = await harness().run('sheets/append', { variables: { SHEET_URL: `${stub().url}/exec` } });
    const { id, time } = harness().simulator.message({ ...LINE, text: '=IMPORTXML("x")', chat: EVE });
    await harness().nodeRed.until('done', () => String(flow.statuses('done or again').at(-1)?.text).startsWith('done'));
    assert.deepEqual(
      stub().requests.map(({ method, path }) => [method, path]),
      [
        ['POST', '/exec'],
        ['GET', '/answer'],
      ],
    );
    const rows: string[][] = [];
    const body = stub().requests[0]?.body ?? '';
    for (const attempt of ['first', 'second']) assert.equal(runScript(body, rows), '{"ok": true}', attempt);
    const at = new Date(time * 1000).toISOString();
    assert.deepEqual(rows, [
      ['id', 'time', 'line', 'messenger', 'name', 'phone', 'text', 'file'],
      [`50101/telegram/7001/${id}`, at, 'Flower shop', 'telegram', 'Eve', '+77000000001', '=IMPORTXML("x")', ''].map(
        (cell) => `'${cell}`,
      ),
    ]);
  });
});

/** Runs the Apps Script of the recipe page for a request with this body; returns what it answers. */
function runScript(contents: string, rows: string[][]): unknown {
  const [, script = ''] = /```js\n([^]+?)```/.exec(document('docs/recipes/sheets-append.md').text) ?? [];
  const sheet = {
    getLastRow: () => rows.length,
    appendRow: (row: string[]) => rows.push([...row]),
    getRange: (range: string) => ({ createTextFinder: (text: string) => finder(range, text) }),
  };
  const finder = (range: string, text: string): unknown => ({
    matchEntireCell: (isEntire: boolean) => ({
      // A leading apostrophe is no part of a cell's text.
      findNext: () =>
        range === 'A:A' && isEntire ? (rows.find(([id]) => id?.replace(/^'/, '') === text) ?? null) : null,
    }),
  });
  const answer: unknown = runInNewContext(`${script}\ndoPost({ postData: { contents } })`, {
    contents,
    LockService: { getScriptLock: () => ({ waitLock: () => undefined, releaseLock: () => undefined }) },
    SpreadsheetApp: { getActiveSpreadsheet: () => ({ getSheets: () => [sheet] }) },
    ContentService: { MimeType: {}, createTextOutput: (text: string) => ({ setMimeType: () => text }) },
  });
  return answer;
}
