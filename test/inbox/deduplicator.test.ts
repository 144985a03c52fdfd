import assert from 'node:assert/strict';
import { Deduplicating } from '../support/deduplicating';

const [A, B, C] = [11, 22, 33];

describe('a deduplicator', () => {
  let keys: Deduplicating;
  beforeEach(() => {
    keys = new Deduplicating();
  });

  it('knows an event by the id of its key, whichever source brings it', () => {
    assert.ok(keys.add(1));
    for (const source of ['socket', 'webhook', 'history'] as const) assert.ok(!keys.add(1, 0, source));
    assert.ok(keys.add(2));
  });

  it('tells the same event on two channels apart', () => {
    assert.ok(keys.add(1));
    keys.channel = 'two';
    assert.ok(keys.add(1));
    assert.ok(!keys.add(1));
  });

  it('lets an edit pass once, by socket, webhook and history', () => {
    const passed = [
      keys.add(1),
      keys.add(1, A, 'webhook'),
      keys.add(1, A, 'socket'),
      keys.add(1, A, 'history'),
      keys.add(1, B, 'history'),
      keys.add(1, B, 'socket'),
    ];
    assert.deepEqual(passed, [true, true, false, false, true, false]);
  });

  it('lets an edit back to an earlier text pass if the same source brings it', () => {
    assert.deepEqual([keys.add(1, A), keys.add(1, B), keys.add(1, A), keys.add(1, A)], [true, true, true, false]);
  });

  it('drops the edits of a source that is behind, also if a text comes twice among them', () => {
    for (const edit of [0, A, B, A]) assert.ok(keys.add(1, edit, 'socket'));
    for (const edit of [0, A, B, A]) assert.ok(!keys.add(1, edit, 'webhook'));
    assert.ok(keys.add(1, B, 'webhook'), 'it has caught up, so this is a further edit');
  });

  it('lets an edit back to an earlier text pass although the other source was the first with the text in between', () => {
    assert.ok(keys.add(1, A, 'socket'));
    assert.ok(keys.add(1, B, 'webhook'));
    assert.ok(!keys.add(1, B, 'socket'));
    assert.ok(keys.add(1, A, 'socket'));
    assert.ok(!keys.add(1, A, 'webhook'));
  });

  it('drops what is older than an edit: the message before it, and earlier edits out of the history', () => {
    assert.ok(keys.add(1, A));
    for (const source of ['socket', 'webhook', 'history'] as const) assert.ok(!keys.add(1, 0, source));
    assert.ok(keys.add(1, B));
    assert.ok(!keys.add(1, A, 'history'));
  });

  it('drops a late repeat by a source that is behind', () => {
    for (const edit of [A, B]) for (const source of ['socket', 'webhook'] as const) keys.add(1, edit, source);
    assert.ok(keys.add(1, C, 'socket'));
    assert.ok(!keys.add(1, A, 'webhook'));
    assert.ok(!keys.add(1, C, 'webhook'));
  });

  it('knows the last 100 edits of a message', () => {
    for (let edit = 1; edit <= 101; edit += 1) assert.ok(keys.add(1, edit));
    assert.ok(keys.add(1, 1, 'history'));
    for (let edit = 3; edit <= 101; edit += 1) assert.ok(!keys.add(1, edit, 'webhook'), `${edit}`);
  });

  it('takes an event again that was forgotten, and keeps what was known before it', () => {
    assert.ok(keys.add(1));
    keys.forget(1);
    assert.ok(keys.add(1, 0, 'history'));
    assert.ok(keys.add(1, A));
    assert.ok(keys.add(1, B));
    keys.forget(1, B);
    assert.ok(!keys.add(1, A, 'webhook'));
    assert.ok(keys.add(1, B, 'webhook'));
    keys.forget(1, A);
    assert.ok(!keys.add(1, B, 'history'), 'the later one was accepted');
    assert.ok(!keys.add(1, 0, 'history'));
  });

  it('knows how far a source was before its last edit was forgotten', () => {
    for (const source of ['socket', 'webhook'] as const) keys.add(1, A, source);
    assert.ok(keys.add(1, B, 'webhook'));
    keys.forget(1, B);
    assert.ok(!keys.add(1, A, 'webhook'));
    assert.ok(keys.add(1, C, 'webhook'));
  });

  it('takes an event again of which only an edit was known, and that was forgotten', () => {
    assert.ok(keys.add(1, A));
    keys.forget(1, A);
    assert.ok(keys.add(1));
  });

  it('ignores a request to forget an unknown key', () => {
    assert.ok(keys.add(1));
    keys.forget(1, A);
    keys.forget(2);
    assert.ok(!keys.add(1));
    assert.ok(keys.add(2));
  });

  it('compares the keys of another version by their ids, but lets live edits pass', () => {
    keys.version = 0;
    assert.ok(keys.add(1, A));
    assert.ok(keys.add(2));
    keys.version = 1;
    for (const source of ['socket', 'webhook', 'history'] as const) assert.ok(!keys.add(1, 0, source));
    assert.ok(!keys.add(1, B, 'history'), 'this may be the edit that is known');
    assert.ok(keys.add(1, B, 'socket'));
    assert.ok(!keys.add(1, B, 'webhook'));
    assert.ok(keys.add(2, B, 'history'), 'a message without an edit has none in any version');
    assert.ok(!keys.add(2, B, 'history'));
  });
});
