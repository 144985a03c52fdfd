/**
 * Fails the run if a test file leaves something open, or if processes or files are left once all files are done.
 *
 * `.mocharc.cjs` loads it. The hooks run once per file, in the worker that runs the file. The global fixtures run once
 * per `mocha` command, in the process that starts the workers.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { countedByKind, sharedResources, stopShared } from './once-per-worker';

/** How long sockets, timers and processes may take to end after the last test, in ms. A busy machine needs a while. */
const GRACE = 20_000;
const POLL = 20;
/** Every process that a run starts inherits this variable: it holds the run's temporary folder. */
const RUN = 'CHATAPP_TEST_RUN';
/** Kinds of resources that mocha, or this check itself, opens and closes. */
const RUNNER_KINDS = new Set(['Immediate', 'TTYWrap']);

let openBefore: ReadonlyMap<string, number>;
let sharedBefore: ReadonlyMap<string, number>;

export const mochaHooks = {
  async beforeAll(): Promise<void> {
    // While a hook waits, mocha's timer for it is open: now, and in `afterAll`.
    await nextTurn();
    openBefore = openResources();
    sharedBefore = new Map(sharedResources);
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(3 * GRACE);
    const file = basename(this.test?.parent?.suites[0]?.file ?? 'This file');
    await untilNothingIsLeft(`${file} leaves open`, resourcesLeft);
  },
};

/** Gives the run a temporary folder of its own; `os.tmpdir()` names it in the workers and in all that they start. */
export function mochaGlobalSetup(): void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'chatapp-tests-'));
  // PostgreSQL runs as another user if the tests run as root.
  chmodSync(folder, 0o755);
  // tsx keeps what it has compiled in the temporary folder: the next run uses it again.
  const compiled = `tsx-${userInfo().uid}`;
  mkdirSync(join(tmpdir(), compiled), { recursive: true });
  symlinkSync(join(tmpdir(), compiled), join(folder, compiled), 'junction');
  Object.assign(process.env, { [RUN]: folder, TMPDIR: folder, TEMP: folder, TMP: folder });
}

export async function mochaGlobalTeardown(): Promise<void> {
  const folder = process.env[RUN] ?? '';
  try {
    await stopShared();
    await untilNothingIsLeft('Processes that the tests started still run', () => processesOf(folder));
    // Tools keep caches and profiles beside what the tests create.
    const files = readdirSync(folder).filter((name) => name.startsWith('chatapp-'));
    if (files.length > 0) throw new Error(`The tests leave in their temporary folder: ${files.join(', ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilNothingIsLeft(what: string, find: () => readonly string[]): Promise<void> {
  const deadline = performance.now() + GRACE;
  while (find().length > 0) {
    if (performance.now() > deadline) throw new Error(`${what}: ${find().join(', ')}`);
    await delay(POLL);
    // Only now has the timer of the delay gone, too.
    await nextTurn();
  }
}

/** What keeps the process alive, counted by kind, such as `TCPServerWrap`, `ProcessWrap` or `Timeout`. */
function openResources(): Map<string, number> {
  return countedByKind(process.getActiveResourcesInfo().filter((kind) => !RUNNER_KINDS.has(kind)));
}

function resourcesLeft(): string[] {
  return [...openResources()].flatMap(([kind, count]) => {
    const shared = (sharedResources.get(kind) ?? 0) - (sharedBefore.get(kind) ?? 0);
    const more = count - (openBefore.get(kind) ?? 0) - shared;
    return more > 0 ? [`${more} ${kind}`] : [];
  });
}

/** Command lines of the processes of a run, this one excepted. Empty on systems without `/proc`. */
function processesOf(folder: string): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  const marker = `${RUN}=${folder}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readProcess(pid, 'environ').includes(marker))
    .map((pid) => `${basename(readProcess(pid, 'cmdline')[0] ?? '')} (${pid})`);
}

/** Lists in `/proc` are separated by NUL. A process that has ended meanwhile, or belongs to somebody else, has none. */
function readProcess(pid: string, list: 'environ' | 'cmdline'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${list}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
