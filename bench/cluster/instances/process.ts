import { fork } from 'node:child_process';
import { once } from 'node:events';
import { INSTANCE } from '../build';
import type { InstanceSettings } from './settings';

/** An instance that runs. */
export interface Running {
  /** Resolves when it is gone, however that came. */
  readonly gone: Promise<unknown>;
  /** `kill -9`. */
  kill(): void;
  /** Stops it gracefully, if possible. */
  stop(): void;
}

/** Starts an instance that writes its notes into a file. */
export type Launch = (settings: InstanceSettings, notes: string, instance: number) => Promise<Running>;

/** In ms: what does not stop by itself is killed. */
const STOP_WITHIN = 8_000;

/** Our client in a process of its own, without Node-RED. */
export const launchClient: Launch = (settings, notes) => {
  const child = fork(INSTANCE, [JSON.stringify(settings), notes], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = once(child, 'exit');
  return Promise.resolve({
    gone,
    kill: () => child.kill('SIGKILL'),
    stop: () => {
      if (child.connected) child.send('stop');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN);
      void gone.then(() => clearTimeout(timer));
    },
  });
};
