import assert from 'node:assert/strict';
import { Liveness, PING_EVERY, PONG_WITHIN } from '../../src/socket/liveness';
import { FakeClock } from '../support/fake-clock';

class Peer {
  readonly clock = new FakeClock();
  readonly begin = this.clock.now();
  /** When it was pinged, and when it was given up, in ms from the begin. */
  readonly pings: number[] = [];
  readonly deaths: number[] = [];
  /** How long it takes to answer, in ms; `undefined`: for ever. */
  answersAfter: number | undefined;
  readonly liveness: Liveness;

  constructor(rhythm: { pingEvery?: number; pongWithin?: number } = {}) {
    const elapsed = (): number => this.clock.now() - this.begin;
    this.liveness = new Liveness({
      ...rhythm,
      clock: this.clock,
      ping: () => {
        this.pings.push(elapsed());
        if (this.answersAfter !== undefined) this.clock.after(this.answersAfter, () => this.liveness.signOfLife());
      },
      onDead: () => this.deaths.push(elapsed()),
    });
  }
}

describe('the check of a peer’s life', () => {
  it('pings every 15 s for as long as it is answered', async () => {
    assert.deepEqual([PING_EVERY, PONG_WITHIN], [15_000, 5_000]);
    const peer = new Peer();
    peer.answersAfter = 4_999;
    await peer.clock.pass(75_000);
    assert.deepEqual(peer.pings, [15_000, 30_000, 45_000, 60_000, 75_000]);
    assert.deepEqual(peer.deaths, []);
  });

  it('pings whatever the traffic', async () => {
    const peer = new Peer();
    for (let tenth = 0; tenth < 600; tenth += 1) {
      peer.liveness.signOfLife();
      await peer.clock.pass(100);
    }
    assert.deepEqual(peer.pings, [15_000, 30_000, 45_000, 60_000]);
    assert.deepEqual(peer.deaths, []);
  });

  it('gives a silent peer up 5 s after the ping, once, and then rests', async () => {
    const peer = new Peer();
    await peer.clock.pass(19_999);
    assert.deepEqual(peer.deaths, []);
    await peer.clock.pass(1);
    assert.deepEqual(peer.deaths, [20_000]);
    assert.equal(peer.clock.pending, 0);
    await peer.clock.pass(600_000);
    assert.deepEqual([peer.pings, peer.deaths], [[15_000], [20_000]]);
  });

  it('takes a sign of life from before the ping for none', async () => {
    const peer = new Peer();
    await peer.clock.pass(14_999);
    peer.liveness.signOfLife();
    await peer.clock.pass(5_001);
    assert.deepEqual(peer.deaths, [20_000]);
  });

  it('takes any frame for an answer, up to the last moment', async () => {
    const peer = new Peer();
    await peer.clock.pass(19_999);
    peer.liveness.signOfLife();
    await peer.clock.pass(5_000);
    assert.deepEqual(peer.deaths, []);
  });

  it('does not blame the peer for a busy process: what came meanwhile is read first', async () => {
    const peer = new Peer();
    await peer.clock.pass(15_000);
    await peer.clock.stall(30_000);
    assert.deepEqual(peer.deaths, []);
    peer.liveness.signOfLife();
    await peer.clock.pass(1_000);
    assert.deepEqual(peer.deaths, []);
    peer.answersAfter = 1;
    await peer.clock.pass(60_000);
    assert.deepEqual(peer.deaths, []);
    assert.ok(peer.pings.length >= 4);
  });

  it('gives up a peer that is silent after a stall as well', async () => {
    const peer = new Peer();
    await peer.clock.pass(15_000);
    await peer.clock.stall(30_000);
    await peer.clock.pass(1_000);
    assert.deepEqual(peer.deaths, [46_000]);
  });

  it('leaves nothing behind when it is stopped, whatever it waits for', async () => {
    for (const moment of [0, 14_999, 15_000, 17_000]) {
      const peer = new Peer();
      await peer.clock.pass(moment);
      peer.liveness.stop();
      assert.equal(peer.clock.pending, 0);
      await peer.clock.pass(60_000);
      assert.deepEqual(peer.deaths, []);
    }
  });

  it('keeps another rhythm where one is given', async () => {
    const peer = new Peer({ pingEvery: 250, pongWithin: 80 });
    peer.answersAfter = 10;
    await peer.clock.pass(1_000);
    assert.deepEqual(peer.pings, [250, 500, 750, 1_000]);
  });
});
