import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../..');
/** What `npm start` runs. */
export const MAIN = ['--require', 'tsx/cjs', join(ROOT, 'scripts/demo/main.ts')] as const;

/** The demo at work. */
export interface DemoRun {
  readonly child: ChildProcess;
  /** Exit code and signal, when all of its output is read. */
  readonly ended: Promise<unknown[]>;
  readonly output: () => string;
  /** Resolves once it has printed such a text; rejects where it ends before. */
  readonly printed: (text: RegExp) => Promise<void>;
  /** Resolves once what it has printed is as wanted; rejects where it ends before. */
  readonly until: (holds: (output: string) => boolean) => Promise<void>;
}

/** Starts the demo, on any free ports unless the variables say otherwise. */
export function startDemo(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): DemoRun {
  const env = { ...process.env, PORT: '0', SIMULATOR_PORT: '0', DEMO_PAUSE: '20', ...variables };
  // A process group of its own, as a terminal gives it one.
  const detached = process.platform !== 'win32';
  const child = spawn(command, args, { cwd: ROOT, env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close');
  const output = (): string => lines.join('\n');
  const until = (holds: (text: string) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (holds(output())) resolve();
      };
      waiting.push(look);
      look();
      void ended.then(() => reject(new Error(`It has ended before: ${output()}`)));
    });
  return { child, ended, output, until, printed: (text) => until((said) => text.test(said)) };
}

export function addresses(output: string): { editor: string; simulator: string } {
  const [editor, simulator] = output.match(/http:\/\/127\.0\.0\.1:\d+\//g) ?? [];
  assert.ok(editor !== undefined && simulator !== undefined);
  return { editor, simulator };
}
