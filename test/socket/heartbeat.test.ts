import assert from 'node:assert/strict';
import { Heartbeat, PING_EVERY, PONG_WITHIN } from '../../src/socket/heartbeat';
import { FakeClock } from '../support/fake-clock';

class Peer {
  readonly clock = new FakeClock();
  readonly begin = this.clock.monotonic();
  /** When it was pinged, and when it was given up, in ms from the begin. */
  readonly pings: number[] = [];
  readonly deaths: number[] = [];
  /** The times of the answered pings. */
  readonly answered: number[] = [];
  /** How long it takes to answer, in ms; `undefined`: for ever. */
  answersAfter: number | undefined;
  readonly heartbeat: Heartbeat;

  constructor(rhythm: { pingEvery?: number; pongWithin?: number } = {}) {
    const elapsed = (): number => this.clock.monotonic() - this.begin;
    this.heartbeat = new Heartbeat({
      ...rhythm,
      clock: this.clock,
      ping: () => {
        this.pings.push(elapsed());
        if (this.answersAfter !== undefined) this.clock.after(this.answersAfter, () => this.heartbeat.onFrame());
      },
      onAlive: (pingedAt) => this.answered.push(pingedAt - this.begin),
      onDead: () => this.deaths.push(elapsed()),
    });
  }
}

describe('Heartbeat', () => {
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
      peer.heartbeat.onFrame();
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
    peer.heartbeat.onFrame();
    await peer.clock.pass(5_001);
    assert.deepEqual(peer.deaths, [20_000]);
  });

  it('takes any frame for an answer, up to the last moment', async () => {
    const peer = new Peer();
    await peer.clock.pass(19_999);
    peer.heartbeat.onFrame();
    await peer.clock.pass(5_000);
    assert.deepEqual(peer.deaths, []);
  });

  it('reports each answered ping once, with the time at which it was sent', async () => {
    const peer = new Peer();
    await peer.clock.pass(14_000);
    peer.heartbeat.onFrame();
    assert.deepEqual(peer.answered, []);
    await peer.clock.pass(3_000);
    peer.heartbeat.onFrame();
    peer.heartbeat.onFrame();
    assert.deepEqual(peer.answered, [15_000]);
    peer.answersAfter = 2_000;
    await peer.clock.pass(30_000);
    assert.deepEqual(peer.answered, [15_000, 30_000, 45_000]);
  });

  it('reports no answer that comes after it was stopped', async () => {
    const peer = new Peer();
    await peer.clock.pass(15_000);
    peer.heartbeat.stop();
    peer.heartbeat.onFrame();
    assert.deepEqual(peer.answered, []);
  });

  it('does not blame the peer for a busy process: what came meanwhile is read first', async () => {
    const peer = new Peer();
    await peer.clock.pass(15_000);
    await peer.clock.stall(30_000);
    assert.deepEqual(peer.deaths, []);
    peer.heartbeat.onFrame();
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

  for (const [what, jump] of [
    ['the machine was suspended for 8 h', 8 * 3_600_000],
    ['the wall clock was set back by 6 s', -6_000],
  ] as const) {
    it(`pings within 2 s after ${what}, and gives a silent peer up 5 s later`, async () => {
      for (const moment of [2_300, 12_600, 16_400, 22_000]) {
        const peer = new Peer();
        peer.answersAfter = 100;
        await peer.clock.pass(moment);
        const { length } = peer.pings;
        peer.answersAfter = undefined;
        peer.clock.setTo(peer.clock.now() + jump);
        await peer.clock.pass(2_000);
        assert.equal(peer.pings.length, length + 1, `at ${moment}`);
        await peer.clock.pass(5_000);
        assert.equal(peer.deaths.length, 1);
      }
    });
  }

  it('does not take frames that arrived before the machine was suspended for an answer', async () => {
    const peer = new Peer();
    await peer.clock.pass(2_000);
    peer.clock.setTo(peer.clock.now() + 3_600_000);
    await peer.clock.pass(1_000);
    peer.heartbeat.onFrame();
    await peer.clock.pass(6_000);
    assert.deepEqual([peer.pings, peer.deaths], [[4_000], [9_000]]);
  });

  it('goes on pinging every 15 s after the machine was suspended', async () => {
    const peer = new Peer();
    peer.answersAfter = 100;
    await peer.clock.pass(2_500);
    peer.clock.setTo(peer.clock.now() + 3_600_000);
    await peer.clock.pass(40_000);
    assert.deepEqual([peer.pings, peer.deaths], [[4_000, 19_000, 34_000], []]);
  });

  it('does not change its rhythm if the wall clock is corrected by up to 5 s', async () => {
    const peer = new Peer();
    peer.answersAfter = 100;
    for (const correction of [5_000, -5_000, 4_000, 1_000]) {
      peer.clock.setTo(peer.clock.now() + correction);
      await peer.clock.pass(5_000);
    }
    assert.deepEqual(peer.pings, [15_000]);
  });

  it('notices a dead peer even if the wall clock jumps every second', async () => {
    const peer = new Peer();
    for (let second = 0; second < 20; second += 1) {
      peer.clock.setTo(peer.clock.now() + 10_000);
      await peer.clock.pass(1_000);
    }
    assert.deepEqual(peer.deaths, [7_000]);
  });

  it('leaves nothing behind when it is stopped, whatever it waits for', async () => {
    for (const moment of [0, 14_999, 15_000, 17_000]) {
      const peer = new Peer();
      await peer.clock.pass(moment);
      peer.heartbeat.stop();
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
