import assert from 'node:assert/strict';
import { entrySearch, MAX_ROWS, type Entry } from '../../../nodes/shared/editor/pickers/entries';

const SHOP: Entry = { value: '50101', name: 'Flower shop', details: ['WhatsApp +7 700 000-00-01', ''] };
const WORKSHOP: Entry = { value: '50102', name: 'Мастерская «Ёлка»', details: ['Instagram'], hidden: ['caWhatsApp'] };
const JOAO: Entry = { value: '7002', name: 'João Lima', details: ['joao@example.com'] };
const ALL = [SHOP, WORKSHOP, JOAO];

function found(query: string, entries = ALL): readonly string[] {
  return entrySearch(entries)(query).entries.map(({ value }) => value);
}

describe('the search of a picker', () => {
  it('finds by id, name, phone and messenger', () => {
    assert.deepEqual(found('50101'), ['50101']);
    assert.deepEqual(found('flower'), ['50101']);
    assert.deepEqual(found('instagram'), ['50102']);
    assert.deepEqual(found('cawhatsapp'), ['50102'], 'also by the type of messenger, which is not shown');
    assert.deepEqual(found('joao@'), ['7002']);
  });

  it('finds a phone however it is written', () => {
    for (const phone of ['+7 700 000', '7700000', '770000000', '000-00-01']) assert.deepEqual(found(phone), ['50101']);
  });

  it('matches entries that contain every word, in any order', () => {
    assert.deepEqual(found('shop whatsapp'), ['50101']);
    assert.deepEqual(found('  whatsapp   FLOWER '), ['50101']);
    assert.deepEqual(found('shop instagram'), []);
  });

  it('ignores case and accents, in any script', () => {
    assert.deepEqual(found('ЕЛКА мастер'), ['50102']);
    assert.deepEqual(found('ёлка'), ['50102']);
    assert.deepEqual(found('joao LIMA'), ['7002']);
    assert.deepEqual(found('istanbul', [{ value: '1', name: 'İstanbul', details: [] }]), ['1']);
    assert.deepEqual(found('東京', [{ value: '1', name: '東京本店', details: [] }]), ['1']);
  });

  it('finds everything for nothing, and takes what is typed for text only', () => {
    assert.deepEqual(found(''), ['50101', '50102', '7002']);
    for (const odd of ['.*', '(', '[', '\\', '+7 (']) assert.doesNotThrow(() => found(odd));
    assert.deepEqual(found('.*'), []);
  });

  it('puts the id that is typed in full before those that begin with it', () => {
    const entries = ['500', '5001', '50'].map((value) => ({ value, name: '', details: [] }));
    assert.deepEqual(found('50', entries), ['50', '500', '5001']);
  });

  it('shows no more rows than can be drawn at once, and says how many there are', () => {
    const lines = manyLines();
    const { entries, more } = entrySearch(lines)('');
    assert.equal(entries.length, MAX_ROWS);
    assert.equal(more, lines.length - MAX_ROWS);
    assert.equal(entrySearch(lines)('branch 1999').more, 0);
    assert.deepEqual(found('branch 1999', lines), ['61999']);
  });

  it('takes less than 300 ms for 2,000 lines, to begin with and at each key', () => {
    const lines = manyLines();
    const start = performance.now();
    const search = entrySearch(lines);
    for (const query of ['b', 'br', 'branch', 'branch 19', '+7 701', 'nothing at all']) search(query);
    const took = performance.now() - start;
    assert.ok(took < 300, `${took} ms`);
  });
});

function manyLines(): Entry[] {
  return Array.from({ length: 2_000 }, (_, index) => ({
    value: String(60_000 + index),
    name: `Branch ${index} of a long chain of flower shops`,
    details: [`WhatsApp +7 701 ${String(index).padStart(7, '0')}, Telegram`],
    hidden: ['grWhatsApp', 'telegram'],
  }));
}
