import assert from 'node:assert/strict';
import { ChatAppError } from '../../src/errors';
import { lost, type SocketEnd } from '../../src/socket/end';
import { nameOf } from '../support/errors';
import { SupervisorStage } from '../support/supervisor-stage';

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
  it('opens one socket, however often it is told to', () => {
    const stage = new SupervisorStage();
    assert.equal(stage.states.length, 0);
    for (let count = 0; count < 3; count += 1) stage.supervisor.start();
    stage.last.onEstablished();
    stage.supervisor.start();
    assert.equal(stage.sockets.length, 1);
    assert.deepEqual(stage.kinds, ['connecting', 'open']);
    const { state } = stage.supervisor;
    assert.ok(state.kind === 'open' && state.socket === stage.sockets[0]);
  });

  it('passes on which pings were answered', () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.receiver.onAlive?.(15_000);
    assert.deepEqual(stage.alive, [15_000]);
  });

  it('opens another after a loss, and says when it will', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.onEstablished();
    await stage.clock.pass(10 * MINUTE);
    stage.last.onEnd(lost('close 1006'));
    assert.deepEqual(stage.supervisor.state, { kind: 'waiting', nextTry: stage.clock.now() + 500 });
    await stage.clock.pass(499);
    assert.equal(stage.sockets.length, 1);
    await stage.clock.pass(1);
    assert.deepEqual(stage.kinds, ['connecting', 'open', 'waiting', 'connecting']);
    stage.last.onEstablished();
    assert.deepEqual(stage.errors, []);
    assert.equal(stage.clock.pending, 0);
  });

  it('tries soon for 15 s, then ever more slowly up to 30 s, and never gives up', async () => {
    const stage = new SupervisorStage(
      () => 0.5,
      (handlers) => handlers.onEnd(lost('ECONNREFUSED')),
    );
    stage.supervisor.start();
    await stage.clock.pass(24 * 60 * MINUTE);
    const waits = stage.opened.slice(1).map((at, index) => at - (stage.opened[index] ?? 0));
    assert.deepEqual(waits.slice(0, 22), [
      500,
      ...Array<number>(15).fill(1_000),
      2_000,
      4_000,
      8_000,
      16_000,
      30_000,
      30_000,
    ]);
    assert.ok(stage.opened.length > 2_800, 'a day later it still tries');
  });

  it('a server that closes with 4200 at once is not stormed: at most 15 connections in 10 s', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const stage = new SupervisorStage(chances(seed), (handlers) => {
        handlers.onEstablished();
        handlers.onEnd(lost('close 4200'));
      });
      stage.supervisor.start();
      await stage.clock.pass(10_000);
      stage.supervisor.stop();
      assert.ok(stage.opened.length >= 7 && stage.opened.length <= 15, `${stage.opened.length} connections`);
    }
  });

  it('a refusal that stays is tried again every 5 min only, and told once', async () => {
    const stage = new SupervisorStage(
      () => 0.5,
      (handlers) => handlers.onEnd(WRONG_KEY),
    );
    stage.supervisor.start();
    await stage.clock.pass(0);
    assert.deepEqual(stage.supervisor.state, { kind: 'refused', nextTry: stage.clock.now() + 5 * MINUTE });
    await stage.clock.pass(31 * MINUTE);
    assert.deepEqual(
      stage.opened,
      [0, 5, 10, 15, 20, 25, 30].map((minute) => minute * MINUTE),
    );
    assert.deepEqual(stage.errors.map(nameOf), ['CONNECTION_REFUSED.appKey']);
  });

  it('a refusal after 5 s of work is tried again after a second, without an error, and then works', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.onEstablished();
    await stage.clock.pass(5_000);
    stage.last.onEnd(WRONG_KEY);
    assert.deepEqual(stage.supervisor.state, { kind: 'waiting', nextTry: stage.clock.now() + 1_000 });
    await stage.clock.pass(1_000);
    stage.last.onEstablished();
    await stage.clock.pass(MINUTE);
    assert.deepEqual([stage.opened, stage.errors], [[0, 6_000], []]);
    stage.last.onEnd(WRONG_KEY);
    assert.equal(stage.supervisor.state.kind, 'waiting', 'a minute later it may be tried so again');
  });

  it('a refusal after less than 5 s is no sign of work: it is tried again after 5 min', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.onEstablished();
    await stage.clock.pass(4_999);
    stage.last.onEnd(WRONG_KEY);
    assert.deepEqual(stage.supervisor.state, { kind: 'refused', nextTry: stage.clock.now() + 5 * MINUTE });
    assert.deepEqual(stage.errors.map(nameOf), ['CONNECTION_REFUSED.appKey']);
  });

  it('a refusal that lasts is reported by the quick retry, and tried again every 5 min from then on', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.onEstablished();
    await stage.clock.pass(MINUTE);
    for (let minute = 0; minute < 15; minute += 1) {
      if (stage.supervisor.state.kind === 'open' || stage.supervisor.state.kind === 'connecting')
        stage.last.onEnd(WRONG_KEY);
      await stage.clock.pass(1_000);
      if (stage.supervisor.state.kind === 'connecting') stage.last.onEnd(WRONG_KEY);
      await stage.clock.pass(MINUTE - 1_000);
    }
    assert.deepEqual(stage.opened.slice(0, 3), [0, MINUTE + 1_000, 6 * MINUTE + 1_000]);
    assert.equal(stage.opened.length, 4);
    assert.deepEqual(stage.errors.map(nameOf), ['CONNECTION_REFUSED.appKey']);
  });

  it('a server that refuses each socket after some seconds gets at most 2 sockets in 5 min', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    for (let second = 0; second < 60 * 60; second += 1) {
      if (stage.supervisor.state.kind === 'connecting') stage.last.onEstablished();
      else if (stage.supervisor.state.kind === 'open' && second % 6 === 0) stage.last.onEnd(WRONG_KEY);
      await stage.clock.pass(1_000);
    }
    assert.ok(stage.opened.length >= 12 && stage.opened.length <= 26, `${stage.opened.length} sockets in an hour`);
    assert.deepEqual(stage.errors.map(nameOf)[0], 'CONNECTION_REFUSED.appKey');
  });

  it('connects at once if it waits and somebody asks for it, otherwise not', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.retryNow();
    assert.equal(stage.sockets.length, 0, 'nobody wants a socket');
    stage.supervisor.start();
    stage.supervisor.retryNow();
    assert.equal(stage.sockets.length, 1, 'it connects already');
    stage.last.onEnd(WRONG_KEY);
    await stage.clock.pass(10_000);
    stage.supervisor.retryNow();
    stage.supervisor.retryNow();
    assert.deepEqual([stage.sockets.length, stage.supervisor.state.kind], [2, 'connecting']);
    stage.last.onEstablished();
    stage.supervisor.retryNow();
    await stage.clock.pass(10 * MINUTE);
    assert.deepEqual([stage.sockets.length, stage.clock.pending], [2, 0], 'the earlier retry is cancelled');
    stage.last.onEnd(lost('close 1006'));
    stage.supervisor.retryNow();
    assert.equal(stage.sockets.length, 2, 'the next try is due anyway');
  });

  for (const hours of [24, -24]) {
    it(`retries, and reports an outage, at the same times if the wall clock is set by ${hours} h`, async () => {
      const stage = new SupervisorStage(
        () => 0.5,
        (handlers) => handlers.onEnd(lost('ECONNREFUSED')),
      );
      stage.supervisor.start();
      await stage.clock.pass(10_000);
      stage.clock.setTo(stage.clock.now() + hours * 60 * MINUTE);
      await stage.clock.pass(4_999);
      assert.equal(stage.errors.length, 0);
      await stage.clock.pass(1);
      const since = new Date(stage.clock.now() - 15_000).toISOString();
      assert.deepEqual(
        stage.errors.map((error) => [nameOf(error), error.params.since]),
        [['CONNECTION_LOST.outage', since]],
      );
      await stage.clock.pass(4_500);
      assert.equal(stage.sockets.length, 18);
    });

    it(`brings a retry forward by the time that is left, if the wall clock is set by ${hours} h`, async () => {
      const stage = new SupervisorStage();
      stage.supervisor.start();
      stage.last.onEnd(WRONG_KEY);
      stage.clock.setTo(stage.clock.now() + hours * 60 * MINUTE);
      await stage.clock.pass(5 * MINUTE - 2_000);
      stage.supervisor.retryNow();
      assert.equal(stage.sockets.length, 1, 'it is due soon anyway');
      await stage.clock.pass(2_000);
      stage.last.onEnd(WRONG_KEY);
      stage.supervisor.retryNow();
      assert.equal(stage.sockets.length, 3);
    });
  }

  it('a refusal that may pass shows as refused, is told once, and is tried like a loss', async () => {
    const stage = new SupervisorStage(
      () => 0.5,
      (handlers) => handlers.onEnd(NO_SERVER),
    );
    stage.supervisor.start();
    await stage.clock.pass(5_000);
    assert.equal(stage.supervisor.state.kind, 'refused');
    assert.equal(stage.opened.length, 6);
    assert.deepEqual(stage.errors.map(nameOf), ['CONNECTION_REFUSED.address']);
  });

  it('an outage is told once, after 15 s, and again only after 60 s of peace', async () => {
    const stage = new SupervisorStage();
    const fail = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        if (stage.supervisor.state.kind === 'connecting') stage.last.onEnd(lost('ECONNREFUSED'));
        await stage.clock.pass(1_000);
      }
    };
    const work = async (seconds: number): Promise<void> => {
      await stage.clock.pass(60_000);
      stage.last.onEstablished();
      await stage.clock.pass(seconds * 1_000);
      stage.last.onEnd(lost('close 1006'));
    };
    stage.supervisor.start();
    await fail(14);
    assert.equal(stage.errors.length, 0);
    await fail(2);
    assert.deepEqual(stage.errors.map(nameOf), ['CONNECTION_LOST.outage']);
    const [error] = stage.errors;
    assert.match(error?.message ?? '', /^No connection to socket\.example\.test since \S+ \(ECONNREFUSED\)/);
    assert.equal(error?.params.since, new Date(stage.begin).toISOString());
    await fail(300);
    await work(59);
    await fail(60);
    assert.equal(stage.errors.length, 1);
    await work(60);
    await fail(30);
    assert.deepEqual(stage.errors.map(nameOf), ['CONNECTION_LOST.outage', 'CONNECTION_LOST.outage']);
  });

  it('a short loss is told in the log, once, without an error', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.onEstablished();
    stage.log.length = 0;
    stage.last.onEnd(lost('close 1006'));
    await stage.clock.pass(500);
    for (let count = 0; count < 5; count += 1) {
      stage.last.onEnd(lost('ECONNREFUSED'));
      await stage.clock.pass(1_000);
    }
    assert.deepEqual(stage.log, ['No connection to socket.example.test (close 1006): trying until it works']);
    assert.deepEqual(stage.errors, []);
  });

  for (const [when, prepare] of [
    ['it connects', () => undefined],
    ['it is open', (stage: SupervisorStage) => stage.last.onEstablished()],
    ['it waits', (stage: SupervisorStage) => stage.last.onEnd(lost('close 1006'))],
    ['it was refused', (stage: SupervisorStage) => stage.last.onEnd(WRONG_KEY)],
  ] as const) {
    it(`leaves no timer and no socket when it is stopped while ${when}`, async () => {
      const stage = new SupervisorStage();
      stage.supervisor.start();
      prepare(stage);
      const wasOver = stage.supervisor.state.kind === 'waiting' || stage.supervisor.state.kind === 'refused';
      stage.supervisor.stop();
      assert.equal(stage.clock.pending, 0);
      assert.equal(stage.supervisor.state.kind, 'idle');
      assert.equal(stage.sockets[0]?.closed, !wasOver);
      await stage.clock.pass(60 * MINUTE);
      assert.equal(stage.sockets.length, 1);
    });
  }

  it('starts anew after a stop, with its past forgotten', async () => {
    const stage = new SupervisorStage();
    stage.supervisor.start();
    stage.last.onEnd(WRONG_KEY);
    stage.supervisor.stop();
    stage.supervisor.start();
    assert.equal(stage.sockets.length, 2);
    stage.last.onEnd(WRONG_KEY);
    assert.equal(stage.errors.length, 2);
    stage.supervisor.stop();
    stage.supervisor.start();
    stage.last.onEnd(lost('close 1006'));
    await stage.clock.pass(500);
    assert.equal(stage.sockets.length, 4);
  });
});
