import assert from 'node:assert/strict';
import { format } from 'prettier';
import { eventTable } from '../../scripts/event-table';
import { withParts } from '../../scripts/doc-parts';
import { CATALOGUE, CHANNEL_TYPES, eventsOf, hasHistory } from '../../src/events';
import { isRecord, parseJson } from '../../src/events/json';
import { codeBlocks, documents } from './documents';

const FRESH = `before\n\n<!-- events -->\n\n${eventTable()}\n<!-- /events -->\n\nafter\n`;

describe('the parts of texts that come from the code', () => {
  for (const { path, text } of documents()) {
    it(`are up to date: ${path}`, async () => {
      assert.equal(await withParts(text), text, `${path} is out of date: "npm run docs" renews it`);
    });
  }

  it('are written between their marks, and nothing else is touched', async () => {
    assert.equal(await withParts('before\n\n<!-- events -->\n<!-- /events -->\n\nafter\n'), FRESH);
    assert.equal(await withParts('before\n\n<!-- events -->\n\nan old table\n\n<!-- /events -->\n\nafter\n'), FRESH);
    assert.equal(await withParts(FRESH), FRESH);
    assert.equal(await withParts('no marks\n'), 'no marks\n');
  });

  it('list the events of one type of channel, where the mark names it', async () => {
    for (const channel of CHANNEL_TYPES) {
      const text = await withParts(`<!-- events ${channel} -->\n<!-- /events ${channel} -->\n`);
      const rows = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
      assert.deepEqual(
        rows,
        eventsOf(channel).map(({ name }) => name),
      );
    }
  });

  it('say of each event whether it is fetched if it was missed', async () => {
    const text = await withParts('<!-- history -->\n<!-- /history -->\n');
    const rows = [...text.matchAll(/^\| `(\w+)` +\| (fetched|gone) +\| delivered /gm)];
    assert.deepEqual(
      rows.map(([, name, missed]) => [name, missed === 'fetched']),
      CATALOGUE.map(({ name }) => [name, hasHistory(name)]),
    );
  });

  it('show the message that the button of a listener sends, every time the same', async () => {
    const text = await withParts('<!-- sample company employeeStatus -->\n<!-- /sample company employeeStatus -->\n');
    const message = parseJson(codeBlocks({ path: '', text }, 'json')[0] ?? '');
    assert.ok(isRecord(message) && isRecord(message.chatapp));
    assert.equal(message.topic, 'employeeStatus');
    assert.equal(message.chatapp.sample, true);
    assert.equal(message.chatapp.channel, 'private-v1.companies.3306');
    assert.equal(await withParts(text), text);
  });

  it('stay as they are when the texts are formatted', async () => {
    const text = await withParts('<!-- sample messenger message -->\n<!-- /sample messenger message -->\n');
    assert.equal(await format(text, { parser: 'markdown', printWidth: 120 }), text);
  });

  it('are refused where nobody knows them', async () => {
    for (const name of ['weather', 'events moon', 'sample company', 'sample company weather', 'sample moon message']) {
      await assert.rejects(withParts(`<!-- ${name} -->\n<!-- /${name} -->\n`), {
        message: `Nothing is known that could stand between <!-- ${name} --> and <!-- /${name} -->.`,
      });
    }
  });

  it('are refused where a mark stands alone', async () => {
    await assert.rejects(withParts('<!-- events -->\n'), /<!-- events --> stands alone/);
    await assert.rejects(withParts('<!-- /events -->\n'), /<!-- \/events --> stands alone/);
  });
});
