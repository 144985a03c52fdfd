import assert from 'node:assert/strict';
import { buildInstance, removeInstance } from '../../bench/cluster/build';
import { figuresText } from '../../bench/cluster/results';
import { ROWS } from '../../bench/cluster/rows/rows';
import { isUnharmed, runUnderFaults, wordsFor } from '../../bench/cluster/rows/under-faults';
import { killInstances } from '../../bench/cluster/faults';
import { type Life, Tally } from '../../bench/cluster/tally';
import { startNats } from '../support/nats';

describe('the instances of a cluster', () => {
  after(() => removeInstance());

  it('lose and disorder nothing, and repeat only what was in flight, while instances are killed', async function () {
    const nats = await startNats();
    if (!nats) {
      console.log('        skipped: there is no nats-server');
      return this.skip();
    }
    await nats.end();
    await buildInstance();
    const outcome = await runUnderFaults({
      instances: 3,
      servers: 1,
      messages: 900,
      chats: 60,
      perSecond: 100,
      faults: [killInstances(3_000)],
      quiet: 20_000,
    });
    assert.ok(isUnharmed(outcome), [wordsFor(outcome), ...outcome.stories].join('\n'));
    assert.ok(outcome.kills >= 2, `${outcome.kills} kills`);
    assert.equal(outcome.logins, 1, 'the instances share one pair of tokens');
  });

  it('have a page with what was measured, and with nothing else', async () => {
    const text = await figuresText();
    const rows = text.split('\n').filter((line) => line.startsWith('| ')).length - 2;
    assert.ok(rows > 0 && rows <= Object.keys(ROWS).length, text);
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  });
});

describe('the bench of the cluster', () => {
  const life = (instance: number, killedAt?: number): Life => ({ instance, killedAt });
  const tallyOf = (count: number): Tally => {
    const tally = new Tally();
    // Two chats in turns, a message every second.
    for (let number = 0; number < count; number += 1) {
      tally.announced({ number, chat: `chat ${number % 2}`, at: number * 1_000 });
    }
    return tally;
  };
  const handle = (tally: Tally, number: number, by: Life, from: number, attempt = 1): void => {
    tally.took(number, { life: by, attempt, at: from, late: 1 });
    tally.did(number, by, from + 5);
  };

  it('counts what was begun and never handled to the end as lost', () => {
    const tally = tallyOf(3);
    handle(tally, 0, life(1), 10);
    tally.took(1, { life: life(1, 1_020), attempt: 1, at: 1_010, late: 1 });
    assert.deepEqual(tally.figures().lost, [1, 2]);
    assert.equal(tally.missing, 2);
  });

  it('accepts a repeat of what was in flight when its instance was killed, if it is marked', () => {
    const tally = tallyOf(3);
    const killed = life(1, 1_020);
    handle(tally, 0, killed, 400);
    handle(tally, 0, life(2), 3_000, 2);
    tally.took(1, { life: killed, attempt: 1, at: 1_018, late: 1 });
    handle(tally, 1, life(2), 3_100, 2);
    handle(tally, 2, life(2), 3_200);
    const { lost, doubled, unmarked, needless, outOfOrder } = tally.figures();
    assert.deepEqual(
      { lost, unmarked, needless, outOfOrder },
      { lost: [], unmarked: [], needless: [], outOfOrder: [] },
    );
    assert.deepEqual(doubled, [0, 1]);
  });

  it('does not excuse a double that is not marked, or that no kill explains', () => {
    const tally = tallyOf(3);
    const killed = life(1, 5_000);
    handle(tally, 0, killed, 10);
    handle(tally, 0, life(2), 6_000, 2);
    handle(tally, 1, life(2), 1_000);
    handle(tally, 1, life(3), 1_100);
    const { unmarked, needless } = tally.figures();
    assert.deepEqual({ unmarked, needless }, { unmarked: [1], needless: [0, 1] });
    assert.match(tally.story(0), /instance 1 try 1 from 10 ms to 15 ms, killed at 5000 ms; instance 2 try 2/);
  });

  it('counts what is begun before an earlier one of its chat is handled, not of another chat', () => {
    const tally = tallyOf(4);
    const one = life(1);
    handle(tally, 1, one, 2_000);
    tally.took(0, { life: one, attempt: 1, at: 2_010, late: 1 });
    handle(tally, 2, life(2), 2_012);
    tally.did(0, one, 2_015);
    assert.throws(() => tally.did(0, life(3), 2_020), /never begun/);
    assert.throws(() => handle(tally, 9, one, 2_030), /never announced/);
    handle(tally, 3, one, 1_990);
    assert.deepEqual(tally.figures().outOfOrder, [2, 3]);
  });

  it('says when events came again', () => {
    const tally = tallyOf(4);
    handle(tally, 3, life(1), 9_000);
    handle(tally, 2, life(1), 9_500);
    assert.equal(tally.firstAfter(1_000), 9_005);
    assert.equal(tally.firstAfter(3_000), undefined);
  });
});
