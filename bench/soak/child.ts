import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ClientSettings } from '../faults/clients/settings';

interface ChildOptions {
  /** What the script gets beside the settings. */
  readonly more?: readonly string[];
  /** Further options of Node's own. */
  readonly nodeOptions?: readonly string[];
}

/** Starts a script in a process of its own, with the garbage collector at hand. */
export function startChild(
  script: string,
  settings: ClientSettings,
  { more = [], nodeOptions = [] }: ChildOptions = {},
): ChildProcess {
  return fork(script, [JSON.stringify(settings), ...more], {
    execArgv: ['--expose-gc', ...nodeOptions, '--require', 'tsx/cjs'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** The next message of a child that `is` accepts. Rejects where the child ends before. */
export async function answer<T>(child: ChildProcess, is: (value: unknown) => value is T): Promise<T> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error('The process has ended'));
  child.once('exit', onExit);
  try {
    for (;;) {
      const heard: unknown[] = await once(child, 'message', { signal: ended.signal });
      const [message] = heard;
      if (is(message)) return message;
    }
  } finally {
    child.off('exit', onExit);
  }
}
