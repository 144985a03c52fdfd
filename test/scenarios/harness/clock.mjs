/**
 * Loaded into a Node-RED process ahead of everything else: a test moves its clocks. Through a socket, whose port it prints, it
 * takes one command a line and answers each with one line:
 *
 * - `step <ms>`: all clocks and timers go on by so many ms, or until the next timer is due. Answers how many ms it was.
 * - `shift <ms>`: the wall clock alone goes on (or back), as when somebody corrects it. Answers the same number.
 *
 * Between steps time passes as it does. The environment variable CLOCK_SHIFT is a shift from the start on. With
 * CLOCK_STEPS, somebody sets the wall clock all the time, by 1 h and by 3 days, forward and back.
 */
import crypto from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import { promisify } from 'node:util';

const real = {
  Date,
  performanceNow: performance.now.bind(performance),
  hrtime: process.hrtime,
  bigint: process.hrtime.bigint,
  setTimeout: timers.setTimeout,
  clearTimeout: timers.clearTimeout,
};
/** After a step, what was sent gets so long to arrive; in real ms. */
const BREATH = 2;
/** A step is no shorter, in ms: many timers that are due one after the other run together. */
const MIN_STEP = 50;
/** What is under way, such as a request or a write to disk, may hold up a step for so long; in real ms. */
const WAIT_LIMIT = 1_000;
/** What Node.js calls them. */
const UNDER_WAY = /Req|Job|ConnectWrap|WriteWrap/;

let shifted = Number(process.env.CLOCK_SHIFT ?? 0);
let passed = 0;
const monotonic = () => real.performanceNow() + passed;
/** By what the wall clock is wrong, in ms: one after the other. */
const HOUR = 3_600_000;
const ERRORS = process.env.CLOCK_STEPS ? [0, HOUR, 0, -HOUR, 0, 72 * HOUR, 0, -72 * HOUR] : [0];
/** In ms. The test's own steps are of whole seconds: so this one is not. */
const WRONG_FOR = 1_300;
const error = () => ERRORS[Math.floor(monotonic() / WRONG_FOR) % ERRORS.length];
const wall = () => real.Date.now() + shifted + passed + error();

globalThis.Date = new Proxy(real.Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [wall()], newTarget),
  apply: (target) => new target(wall()).toString(),
  get: (target, name, receiver) => (name === 'now' ? wall : Reflect.get(target, name, receiver)),
});
performance.now = monotonic;
process.hrtime = (before) => {
  const [seconds, rest] = real.hrtime();
  const now = BigInt(seconds) * 1_000_000_000n + BigInt(rest) + BigInt(Math.round(passed * 1e6));
  const since = before ? now - (BigInt(before[0]) * 1_000_000_000n + BigInt(before[1])) : now;
  return [Number(since / 1_000_000_000n), Number(since % 1_000_000_000n)];
};
process.hrtime.bigint = () => real.bigint() + BigInt(Math.round(passed * 1e6));

const active = new Map();
let count = 0;
let driver;
let driverDue = Infinity;

class Timer {
  constructor(run, delay, args, isRepeated) {
    Object.assign(this, { id: (count += 1), run, args, isRepeated, isReffed: true });
    this.delay = delay >= 1 ? Math.min(Number(delay), 2_147_483_647) : 1;
    this.refresh();
  }
  refresh() {
    this.due = monotonic() + this.delay;
    active.set(this.id, this);
    if (this.due < driverDue) drive();
    return this;
  }
  fire() {
    if (!active.has(this.id)) return;
    if (this.isRepeated) this.due = monotonic() + this.delay;
    else active.delete(this.id);
    this.run(...this.args);
  }
  close() {
    active.delete(this.id);
    return this;
  }
  ref() {
    this.isReffed = true;
    return this;
  }
  unref() {
    this.isReffed = false;
    return this;
  }
  hasRef() {
    return this.isReffed;
  }
  [Symbol.toPrimitive]() {
    return this.id;
  }
}

const nextDue = () => {
  let due = Infinity;
  for (const timer of active.values()) if (timer.due < due) due = timer.due;
  return due;
};
/** One real timer stands for all. Node-RED serves its editor, so that no timer has to keep the process alive. */
function drive() {
  real.clearTimeout(driver);
  driverDue = nextDue();
  if (driverDue === Infinity) return;
  driver = real.setTimeout(fireDue, Math.max(1, Math.ceil(driverDue - monotonic())));
  driver.unref();
}
function fireDue() {
  const now = monotonic();
  const due = [...active.values()].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due || a.id - b.id);
  for (const timer of due) {
    // As with real timers, one that throws does not keep the others from running.
    try {
      timer.fire();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
  drive();
}

const setVirtual = (run, delay, ...args) => new Timer(run, delay, args, false);
const repeatVirtual = (run, delay, ...args) => new Timer(run, delay, args, true);
const clearVirtual = (timer) => {
  if (timer instanceof Timer) timer.close();
  else if (typeof timer === 'number' || typeof timer === 'string') active.delete(Number(timer));
  else real.clearTimeout(timer);
};
setVirtual[promisify.custom] = (delay, value) => new Promise((resolve) => setVirtual(resolve, delay, value));
const replaced = {
  setTimeout: setVirtual,
  setInterval: repeatVirtual,
  clearTimeout: clearVirtual,
  clearInterval: clearVirtual,
};
Object.assign(globalThis, replaced);
Object.assign(timers, replaced);
let requests = 0;
let derivations = 0;
/** Keys are derived from passwords on another thread, which takes long on a busy machine. */
for (const name of ['scrypt', 'pbkdf2', 'hkdf']) {
  const derive = crypto[name];
  crypto[name] = (...args) => {
    const onDone = args.pop();
    derivations += 1;
    return derive(...args, (...results) => {
      derivations -= 1;
      onDone(...results);
    });
  };
}
syncBuiltinESMExports();

subscribe('http.client.request.start', ({ request }) => {
  requests += 1;
  request.once('close', () => (requests -= 1));
});

const isBusy = () =>
  requests + derivations > 0 || process.getActiveResourcesInfo().some((kind) => UNDER_WAY.test(kind));
const pause = (ms) => new Promise((resolve) => real.setTimeout(resolve, ms));

async function step(atMost) {
  const by = Math.min(atMost, Math.max(MIN_STEP, nextDue() - monotonic()));
  passed += by;
  fireDue();
  const start = real.performanceNow();
  do await pause(BREATH);
  while (isBusy() && real.performanceNow() < start + WAIT_LIMIT);
  return by;
}

const server = net.createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', async (data) => {
    const [command, ms] = String(data).trim().split(' ');
    if (command === 'shift') shifted += Number(ms);
    socket.write(`${command === 'step' ? await step(Number(ms)) : ms}\n`);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`clock control on port ${server.address().port}`));
server.unref();
