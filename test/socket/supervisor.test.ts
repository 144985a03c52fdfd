import assert from 'node:assert/strict';
import { ChatAppError } from '../../src/errors';
import { lost, type SocketEnd } from '../../src/socket/end';
import { nameOf } from '../support/errors';
import { SupervisorHarness } from '../support/supervisor-harness';

const MINUTE = 60_000;
const WRONG_KEY: SocketEnd = {
  detail: 'error 4001',
  final: true,
  refusal: ChatAppError.of('CONNECTION_REFUSED', 'appKey', { status: 'error 4001' }),
};
const NO_SERVER: SocketEnd = {
  detail: 'HTTP 404',
  final: false,
  refusal: ChatAppError.of('CONNECTION_REFUSED', 'address', { status: 'HTTP 404' }),
};

/** Numbers from 0 to 1 that look random and are the same for each seed. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('the supervisor of the socket', () => {
  it('opens one socket, however often it is started', () => {
    const harness = new SupervisorHarness();
    assert.equal(harness.states.length, 0);
    for (let count = 0; count < 3; count += 1) harness.supervisor.start();
    harness.last.onEstablished();
    harness.supervisor.start();
    assert.equal(harness.sockets.length, 1);
    assert.deepEqual(harness.kinds, ['connecting', 'open']);
    const { state } = harness.supervisor;
    assert.ok(state.kind === 'open' && state.socket === harness.sockets[0]);
  });

  it('passes on which pings were answered', () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.receiver.onAlive?.(15_000);
    assert.deepEqual(harness.alive, [15_000]);
  });

  it('opens another after a loss, and says when it will', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.onEstablished();
    await harness.clock.pass(10 * MINUTE);
    harness.last.onEnd(lost('close 1006'));
    assert.deepEqual(harness.supervisor.state, { kind: 'waiting', nextTry: harness.clock.now() + 500 });
    await harness.clock.pass(499);
    assert.equal(harness.sockets.length, 1);
    await harness.clock.pass(1);
    assert.deepEqual(harness.kinds, ['connecting', 'open', 'waiting', 'connecting']);
    harness.last.onEstablished();
    assert.deepEqual(harness.errors, []);
    assert.equal(harness.clock.pending, 0);
  });

  it('tries soon for 15 s, every few seconds for 2 min, then more slowly, and never gives up', async () => {
    const harness = new SupervisorHarness(
      () => 0.5,
      (handlers) => handlers.onEnd(lost('ECONNREFUSED')),
    );
    harness.supervisor.start();
    await harness.clock.pass(24 * 60 * MINUTE);
    const waits = harness.opened.slice(1).map((at, index) => at - (harness.opened[index] ?? 0));
    assert.deepEqual(waits.slice(0, 54), [
      500,
      ...Array<number>(15).fill(1_000),
      2_000,
      ...Array<number>(35).fill(3_000),
      30_000,
      30_000,
    ]);
    assert.ok(harness.opened.length > 2_800, 'a day later it still tries');
  });

  it('a server that closes with 4200 at once is not stormed: at most 15 connections in 10 s', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const harness = new SupervisorHarness(chances(seed), (handlers) => {
        handlers.onEstablished();
        handlers.onEnd(lost('close 4200'));
      });
      harness.supervisor.start();
      await harness.clock.pass(10_000);
      harness.supervisor.stop();
      assert.ok(harness.opened.length >= 7 && harness.opened.length <= 15, `${harness.opened.length} connections`);
    }
  });

  it('a refusal that stays is tried again every 5 min only, and reported once', async () => {
    const harness = new SupervisorHarness(
      () => 0.5,
      (handlers) => handlers.onEnd(WRONG_KEY),
    );
    harness.supervisor.start();
    await harness.clock.pass(0);
    assert.deepEqual(harness.supervisor.state, { kind: 'refused', nextTry: harness.clock.now() + 5 * MINUTE });
    await harness.clock.pass(31 * MINUTE);
    assert.deepEqual(
      harness.opened,
      [0, 5, 10, 15, 20, 25, 30].map((minute) => minute * MINUTE),
    );
    assert.deepEqual(harness.errors.map(nameOf), ['CONNECTION_REFUSED.appKey']);
  });

  it('a refusal after 5 s of work is tried again after a second, without an error, and then works', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.onEstablished();
    await harness.clock.pass(5_000);
    harness.last.onEnd(WRONG_KEY);
    assert.deepEqual(harness.supervisor.state, { kind: 'waiting', nextTry: harness.clock.now() + 1_000 });
    await harness.clock.pass(1_000);
    harness.last.onEstablished();
    await harness.clock.pass(MINUTE);
    assert.deepEqual([harness.opened, harness.errors], [[0, 6_000], []]);
    harness.last.onEnd(WRONG_KEY);
    assert.equal(harness.supervisor.state.kind, 'waiting', 'a minute later it may be tried so again');
  });

  it('a refusal after less than 5 s is no sign of work: it is tried again after 5 min', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.onEstablished();
    await harness.clock.pass(4_999);
    harness.last.onEnd(WRONG_KEY);
    assert.deepEqual(harness.supervisor.state, { kind: 'refused', nextTry: harness.clock.now() + 5 * MINUTE });
    assert.deepEqual(harness.errors.map(nameOf), ['CONNECTION_REFUSED.appKey']);
  });

  it('a refusal that lasts is reported by the quick retry, and tried again every 5 min from then on', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.onEstablished();
    await harness.clock.pass(MINUTE);
    for (let minute = 0; minute < 15; minute += 1) {
      if (harness.supervisor.state.kind === 'open' || harness.supervisor.state.kind === 'connecting')
        harness.last.onEnd(WRONG_KEY);
      await harness.clock.pass(1_000);
      if (harness.supervisor.state.kind === 'connecting') harness.last.onEnd(WRONG_KEY);
      await harness.clock.pass(MINUTE - 1_000);
    }
    assert.deepEqual(harness.opened.slice(0, 3), [0, MINUTE + 1_000, 6 * MINUTE + 1_000]);
    assert.equal(harness.opened.length, 4);
    assert.deepEqual(harness.errors.map(nameOf), ['CONNECTION_REFUSED.appKey']);
  });

  it('a server that refuses each socket after some seconds gets at most 2 sockets in 5 min', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    for (let second = 0; second < 60 * 60; second += 1) {
      if (harness.supervisor.state.kind === 'connecting') harness.last.onEstablished();
      else if (harness.supervisor.state.kind === 'open' && second % 6 === 0) harness.last.onEnd(WRONG_KEY);
      await harness.clock.pass(1_000);
    }
    assert.ok(
      harness.opened.length >= 12 && harness.opened.length <= 26,
      `${harness.opened.length} sockets in an hour`,
    );
    assert.deepEqual(harness.errors.map(nameOf)[0], 'CONNECTION_REFUSED.appKey');
  });

  it('connects at once if it waits and somebody asks for it, otherwise not', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.retryNow();
    assert.equal(harness.sockets.length, 0, 'nobody wants a socket');
    harness.supervisor.start();
    harness.supervisor.retryNow();
    assert.equal(harness.sockets.length, 1, 'it connects already');
    harness.last.onEnd(WRONG_KEY);
    await harness.clock.pass(10_000);
    harness.supervisor.retryNow();
    harness.supervisor.retryNow();
    assert.deepEqual([harness.sockets.length, harness.supervisor.state.kind], [2, 'connecting']);
    harness.last.onEstablished();
    harness.supervisor.retryNow();
    await harness.clock.pass(10 * MINUTE);
    assert.deepEqual([harness.sockets.length, harness.clock.pending], [2, 0], 'the earlier retry is cancelled');
    harness.last.onEnd(lost('close 1006'));
    harness.supervisor.retryNow();
    assert.equal(harness.sockets.length, 2, 'the next try is due anyway');
  });

  for (const hours of [24, -24]) {
    it(`retries, and reports an outage, at the same times if the wall clock is set by ${hours} h`, async () => {
      const harness = new SupervisorHarness(
        () => 0.5,
        (handlers) => handlers.onEnd(lost('ECONNREFUSED')),
      );
      harness.supervisor.start();
      await harness.clock.pass(10_000);
      harness.clock.setTo(harness.clock.now() + hours * 60 * MINUTE);
      await harness.clock.pass(4_999);
      assert.equal(harness.errors.length, 0);
      await harness.clock.pass(1);
      const since = new Date(harness.clock.now() - 15_000).toISOString();
      assert.deepEqual(
        harness.errors.map((error) => [nameOf(error), error.params.since]),
        [['CONNECTION_LOST.outage', since]],
      );
      await harness.clock.pass(4_500);
      assert.equal(harness.sockets.length, 18);
    });

    it(`brings a retry forward by the time that is left, if the wall clock is set by ${hours} h`, async () => {
      const harness = new SupervisorHarness();
      harness.supervisor.start();
      harness.last.onEnd(WRONG_KEY);
      harness.clock.setTo(harness.clock.now() + hours * 60 * MINUTE);
      await harness.clock.pass(5 * MINUTE - 2_000);
      harness.supervisor.retryNow();
      assert.equal(harness.sockets.length, 1, 'it is due soon anyway');
      await harness.clock.pass(2_000);
      harness.last.onEnd(WRONG_KEY);
      harness.supervisor.retryNow();
      assert.equal(harness.sockets.length, 3);
    });
  }

  it('a refusal that may pass shows as refused, is reported once, and is tried like a loss', async () => {
    const harness = new SupervisorHarness(
      () => 0.5,
      (handlers) => handlers.onEnd(NO_SERVER),
    );
    harness.supervisor.start();
    await harness.clock.pass(5_000);
    assert.equal(harness.supervisor.state.kind, 'refused');
    assert.equal(harness.opened.length, 6);
    assert.deepEqual(harness.errors.map(nameOf), ['CONNECTION_REFUSED.address']);
  });

  it('reports an outage once, after 15 s, and the next one only after 60 s without failure', async () => {
    const harness = new SupervisorHarness();
    const fail = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        if (harness.supervisor.state.kind === 'connecting') harness.last.onEnd(lost('ECONNREFUSED'));
        await harness.clock.pass(1_000);
      }
    };
    const work = async (seconds: number): Promise<void> => {
      await harness.clock.pass(60_000);
      harness.last.onEstablished();
      await harness.clock.pass(seconds * 1_000);
      harness.last.onEnd(lost('close 1006'));
    };
    harness.supervisor.start();
    await fail(14);
    assert.equal(harness.errors.length, 0);
    await fail(2);
    assert.deepEqual(harness.errors.map(nameOf), ['CONNECTION_LOST.outage']);
    const [error] = harness.errors;
    assert.match(error?.message ?? '', /^No connection to socket\.example\.test since \S+ \(ECONNREFUSED\)/);
    assert.equal(error?.params.since, new Date(harness.begin).toISOString());
    await fail(300);
    await work(59);
    await fail(60);
    assert.equal(harness.errors.length, 1);
    await work(60);
    await fail(30);
    assert.deepEqual(harness.errors.map(nameOf), ['CONNECTION_LOST.outage', 'CONNECTION_LOST.outage']);
  });

  it('a short loss is reported in the log, once, without an error', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.onEstablished();
    harness.log.length = 0;
    harness.last.onEnd(lost('close 1006'));
    await harness.clock.pass(500);
    for (let count = 0; count < 5; count += 1) {
      harness.last.onEnd(lost('ECONNREFUSED'));
      await harness.clock.pass(1_000);
    }
    assert.deepEqual(harness.log, ['No connection to socket.example.test (close 1006): trying until it works']);
    assert.deepEqual(harness.errors, []);
  });

  for (const [when, prepare] of [
    ['it connects', () => undefined],
    ['it is open', (harness: SupervisorHarness) => harness.last.onEstablished()],
    ['it waits', (harness: SupervisorHarness) => harness.last.onEnd(lost('close 1006'))],
    ['it was refused', (harness: SupervisorHarness) => harness.last.onEnd(WRONG_KEY)],
  ] as const) {
    it(`leaves no timer and no socket when it is stopped while ${when}`, async () => {
      const harness = new SupervisorHarness();
      harness.supervisor.start();
      prepare(harness);
      const wasOver = harness.supervisor.state.kind === 'waiting' || harness.supervisor.state.kind === 'refused';
      harness.supervisor.stop();
      assert.equal(harness.clock.pending, 0);
      assert.equal(harness.supervisor.state.kind, 'idle');
      assert.equal(harness.sockets[0]?.closed, !wasOver);
      await harness.clock.pass(60 * MINUTE);
      assert.equal(harness.sockets.length, 1);
    });
  }

  it('starts again after a stop, with its past forgotten', async () => {
    const harness = new SupervisorHarness();
    harness.supervisor.start();
    harness.last.onEnd(WRONG_KEY);
    harness.supervisor.stop();
    harness.supervisor.start();
    assert.equal(harness.sockets.length, 2);
    harness.last.onEnd(WRONG_KEY);
    assert.equal(harness.errors.length, 2);
    harness.supervisor.stop();
    harness.supervisor.start();
    harness.last.onEnd(lost('close 1006'));
    await harness.clock.pass(500);
    assert.equal(harness.sockets.length, 4);
  });
});
