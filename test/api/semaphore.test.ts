import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Semaphore } from '../../src/api/semaphore';

/** A task that the test ends, and that knows whether it has begun. */
class Task {
  begun = false;
  end: (error?: Error) => void = () => undefined;
  readonly run = (): Promise<string> => {
    this.begun = true;
    return new Promise((resolve, reject) => (this.end = (error) => (error ? reject(error) : resolve('done'))));
  };
}

const begunOf = (tasks: readonly Task[]): number => tasks.filter(({ begun }) => begun).length;

describe('semaphore', () => {
  it('run no more than their number at a time, the others in order', async () => {
    const semaphore = new Semaphore(3);
    const tasks = Array.from({ length: 8 }, () => new Task());
    const all = Promise.all(tasks.map(({ run }) => semaphore.run(run)));
    for (let ended = 0; ended < tasks.length; ended += 1) {
      await turn();
      assert.equal(begunOf(tasks), Math.min(8, ended + 3));
      assert.equal(begunOf(tasks.slice(0, ended + 3)), Math.min(8, ended + 3), 'the oldest first');
      tasks[ended]?.end();
    }
    assert.deepEqual(await all, Array(8).fill('done'));
  });

  it('run no more at a time either where new tasks come while others end', async () => {
    const semaphore = new Semaphore(2);
    const tasks: Task[] = [];
    const endings: Promise<unknown>[] = [];
    let ended = 0;
    for (let round = 0; round < 20; round += 1) {
      for (let count = 0; count < 3; count += 1) {
        const task = new Task();
        tasks.push(task);
        endings.push(semaphore.run(task.run));
      }
      tasks[ended]?.end();
      ended += 1;
      await turn();
      assert.equal(begunOf(tasks) - ended, 2);
    }
    while (ended < tasks.length) {
      tasks[ended]?.end();
      ended += 1;
      await turn();
    }
    await Promise.all(endings);
  });

  it('are free again after a task that failed', async () => {
    const semaphore = new Semaphore(1);
    const [first, second] = [new Task(), new Task()];
    const failing = assert.rejects(semaphore.run(first.run), /no luck/);
    const next = semaphore.run(second.run);
    first.end(new Error('no luck'));
    await failing;
    await turn();
    second.end();
    assert.equal(await next, 'done');
    const throwing = (): Promise<string> => {
      throw new Error('at once');
    };
    await assert.rejects(semaphore.run(throwing), /at once/);
    assert.equal(await semaphore.run(() => Promise.resolve('free')), 'free');
  });
});
