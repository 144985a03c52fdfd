import { type ChildProcess, fork } from 'node:child_process';
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
