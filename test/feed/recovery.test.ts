import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { memoryStore } from '../../src/store';
import { HistoryLine, ids, listener, listening } from '../support/history-line';

describe('messages that were missed', () => {
  it('come after a gap, before the live ones that came meanwhile, in the order of writing, marked', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.say('1');
    line.stage.drop();
    line.write('3', { time: Math.floor(line.clock.now() / 1_000) + 2 });
    line.write('2', { time: Math.floor(line.clock.now() / 1_000) + 1 });
    await line.clock.pass(5_000);
    let open = (): void => undefined;
    line.gate = new Promise((resolve) => (open = resolve));
    await line.stage.open();
    line.say('4');
    assert.deepEqual(ids(heard), ['1']);
    open();
    await line.clock.settle();
    assert.deepEqual(ids(heard).slice(0, 3), ['1', '2 recovered', '3 recovered']);
    assert.deepEqual(
      heard.deliveries.map(({ item }) => item.id),
      ['1', '2', '3', '4'],
    );
  });

  it('are not fetched at the first start: what was said before is not news, then or later', async () => {
    const line = new HistoryLine();
    line.write('old');
    const heard = listener();
    line.stage.feed.add(heard);
    await line.stage.open();
    await line.clock.pass(30_000);
    line.write('in the gap');
    line.stage.drop();
    await line.stage.open();
    assert.deepEqual(ids(heard), ['in the gap recovered']);
  });

  it('are not lost where a socket that is dead already is taken for alive while the line is heard for the first time', async () => {
    const line = new HistoryLine();
    const heard = listener();
    line.stage.feed.add(heard);
    let answer = (): void => undefined;
    line.gate = new Promise((resolve) => (answer = resolve));
    await line.stage.open();
    line.write('in the gap');
    answer();
    await line.clock.pass(20_000);
    line.stage.drop();
    await line.stage.open();
    assert.deepEqual(ids(heard), ['in the gap recovered']);
  });

  it('are not lost where the socket drops while the line is heard for the first time', async () => {
    const line = new HistoryLine();
    const heard = listener();
    line.stage.feed.add(heard);
    let answer = (): void => undefined;
    line.gate = new Promise((resolve) => (answer = resolve));
    await line.stage.open();
    line.stage.drop();
    line.write('in the gap');
    answer();
    await line.clock.settle();
    await line.stage.open();
    assert.deepEqual(ids(heard), ['in the gap recovered']);
  });

  it('come after a restart too, and none that was delivered before', async () => {
    const line = await listening(listener());
    line.say('before');
    await line.clock.pass(2_000);
    line.stage.feed.clear();
    line.write('while away');
    const heard = listener();
    line.start().feed.add(heard);
    await line.stage.open();
    assert.deepEqual(ids(heard), ['while away recovered']);
  });

  it('come also long after: what was delivered hours ago is still known', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.say('1');
    await line.clock.pass(3 * 3_600_000);
    line.stage.drop();
    line.write('2');
    await line.stage.open();
    assert.deepEqual(ids(heard), ['1', '2 recovered']);
  });

  it('come edited, where a message was edited in the gap', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.say('1', { message: { text: 'a' } });
    line.stage.drop();
    Object.assign(line.written[0] ?? {}, { edited: true, message: { text: 'b' } });
    await line.stage.open();
    assert.deepEqual(ids(heard), ['1', '1 recovered']);
    line.stage.drop();
    await line.stage.open();
    assert.equal(heard.deliveries.length, 2);
  });

  it('do not come to a listener that was not there yet', async () => {
    const first = listener();
    const line = await listening(first);
    line.stage.drop();
    line.write('1');
    await line.clock.pass(5_000);
    const second = listener({ id: 'node-2' });
    line.stage.feed.add(second);
    await line.stage.open();
    assert.deepEqual(ids(first), ['1 recovered']);
    assert.deepEqual(ids(second), []);
  });

  it('are not fetched for who wants none, nor where that is switched off', async () => {
    const statuses = listener({ events: ['messageStatus'] });
    const off = new HistoryLine(memoryStore(), 0);
    for (const line of [await listening(statuses), await listening(listener(), off)]) {
      line.stage.drop();
      line.write('1');
      await line.stage.open();
      assert.equal(line.queries.length, 0);
    }
  });

  it('that are system messages come as messageSystem to who wants those', async () => {
    const heard = listener({ events: ['messageSystem'] });
    const line = await listening(heard);
    line.stage.drop();
    line.write('1', { type: 'system' });
    line.write('2', { type: 'text' });
    await line.stage.open();
    assert.deepEqual(
      heard.deliveries.map(({ event, item }) => `${event} ${String(item.id)}`),
      ['messageSystem 1'],
    );
  });

  it('do not keep live events waiting for more than 30 s, and still come when the history is back', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.stage.drop();
    line.write('missed');
    line.trouble = ApiError.unreachable('api.example', undefined);
    await line.stage.open();
    line.announce({ id: 'live', time: Math.floor(line.clock.now() / 1_000), chat: { id: 8 } });
    await line.clock.pass(29_000);
    assert.deepEqual(ids(heard), []);
    await line.clock.pass(1_500);
    assert.deepEqual(ids(heard), ['live']);
    line.trouble = undefined;
    await line.clock.pass(60_000);
    assert.deepEqual(ids(heard), ['live', 'missed recovered']);
  });

  it('are not skipped by live ones: after a crash in the middle of a recovery they still come', async () => {
    const line = await listening(listener());
    line.stage.drop();
    line.write('missed');
    line.trouble = ApiError.unreachable('api.example', undefined);
    await line.stage.open();
    await line.clock.pass(40_000);
    line.say('live');
    await line.clock.pass(2_000);
    line.trouble = undefined;
    const heard = listener();
    line.start().feed.add(heard);
    await line.stage.open();
    assert.deepEqual(ids(heard), ['missed recovered', 'live recovered']);
  });

  it('are not lost where everybody leaves in the middle of a recovery, and nobody who has left is told anything', async () => {
    const left = listener();
    const line = await listening(left);
    line.stage.drop();
    line.write('missed');
    line.trouble = ApiError.unreachable('api.example', undefined);
    await line.stage.open();
    line.say('live');
    line.stage.feed.clear();
    await line.clock.pass(2_000);
    assert.deepEqual(ids(left), []);
    line.trouble = undefined;
    const heard = listener();
    line.start().feed.add(heard);
    await line.stage.open();
    assert.deepEqual(ids(heard), ['missed recovered', 'live recovered']);
  });

  it('show in the status while they are fetched, with their number', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.stage.drop();
    for (let id = 0; id < 250; id += 1) line.write(String(id));
    await line.stage.open();
    await line.clock.pass(10);
    const counts = heard.statuses.flatMap(({ kind, recovered }) => (kind === 'recovering' ? [recovered] : []));
    assert.deepEqual(counts, [0, 100, 200, 250]);
    assert.equal(heard.status?.kind, 'listening');
  });
});

describe('messages that cannot be recovered', () => {
  it('because ChatApp refuses the history are told, from when to when, and live goes on', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.stage.drop();
    line.trouble = ApiError.refused('/v1/licenses/50101', 403, undefined, null);
    await line.stage.open();
    assert.deepEqual(heard.codes, ['RECOVERY_FAILED.refused']);
    assert.match(heard.errors[0]?.message ?? '', /from 2031-05-06T\S+ to 2031-05-06T/);
    line.say('live');
    assert.deepEqual(ids(heard), ['live']);
  });

  it('because they are too many are told, with the number of chats', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.stage.drop();
    line.cutChats = 3;
    await line.stage.open();
    assert.deepEqual(heard.codes, ['RECOVERY_FAILED.tooMany']);
    assert.match(heard.errors[0]?.message ?? '', /3 chats/);
  });

  it('because the gap is too long are told; the rest comes', async () => {
    const line = await listening(listener(), new HistoryLine(memoryStore(), 2));
    line.stage.feed.clear();
    line.write('too old');
    await line.clock.pass(5 * 3_600_000);
    line.write('within bounds');
    const heard = listener();
    line.start().feed.add(heard);
    await line.stage.open();
    assert.deepEqual(heard.codes, ['RECOVERY_FAILED.tooOld']);
    assert.deepEqual(ids(heard), ['within bounds recovered']);
  });

  it('are not told where nothing can have been missed: a line may be silent for days', async () => {
    const heard = listener();
    const line = await listening(heard, new HistoryLine(memoryStore(), 2));
    line.say('1');
    await line.clock.pass(72 * 3_600_000);
    line.stage.drop();
    await line.stage.open();
    assert.deepEqual(heard.codes, []);
  });
});

describe('positions', () => {
  it('are on disk as soon as a line is first heard: a crash in the first second loses nothing', async () => {
    const line = new HistoryLine();
    line.stage.feed.add(listener());
    await line.stage.open();
    line.say('heard');
    line.write('not heard');
    const heard = listener();
    line.start().feed.add(heard);
    await line.stage.open();
    assert.ok(ids(heard).includes('not heard recovered'));
  });

  it('are written once a second at most, however much comes', async () => {
    let writes = 0;
    const memory = memoryStore();
    const store = {
      ...memory,
      write: (name: string, text: string): Promise<void> => {
        writes += 1;
        return memory.write(name, text);
      },
    };
    const line = await listening(listener(), new HistoryLine(store));
    writes = 0;
    for (let count = 0; count < 100; count += 1) {
      line.say(String(count));
      await line.clock.pass(20);
    }
    assert.ok(writes <= 3, `${writes} writes in 2 s`);
  });
});
