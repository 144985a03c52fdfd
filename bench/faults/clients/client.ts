import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { scaledClock } from '../../../test/support/scaled-clock';
import { listenAsOurs, type OurClient } from './ours';
import { type ClientSettings, isReport, type Letters, type Tell } from './settings';

export type ClientName = 'ours' | 'stock';

/** A client at work. */
export interface Client {
  /** True where it has ended by itself. */
  readonly crashed: boolean;
  /** Ends it, and starts it again `after` ms; `kill` gives it no time for a last word. */
  restart(how: 'clean' | 'kill', after: number): Promise<void>;
  /** Lets our client send texts, all at once; it tells later what became of them. */
  send(letters: Letters): void;
  stop(): Promise<void>;
}

/** Starts a client in a process of its own: pusher-js may take its process down. */
export function startProcess(name: ClientName, settings: ClientSettings, tell: Tell): Client {
  let ended: Promise<unknown>;
  let child: ChildProcess;
  let isWanted = true;
  let crashed = false;

  const start = (): void => {
    isWanted = true;
    const started = fork(require.resolve('./main.ts'), [name, JSON.stringify(settings)], {
      execArgv: ['--require', 'tsx/cjs'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    started.on('message', (report) => {
      if (isReport(report)) tell(report);
    });
    started.on('exit', () => (crashed ||= isWanted));
    child = started;
    ended = once(started, 'close');
  };
  const end = async (how: 'clean' | 'kill'): Promise<void> => {
    isWanted = false;
    if (how === 'kill') child.kill('SIGKILL');
    else if (child.connected) child.send('stop');
    await ended;
  };

  start();
  return {
    get crashed() {
      return crashed;
    },
    async restart(how, after) {
      await end(how);
      await new Promise((resolve) => setTimeout(resolve, after));
      start();
    },
    send: (letters) => void child.send(letters),
    stop: () => end('clean'),
  };
}

/** Starts our client in this process: quicker, for the short form. Its limits do not pass while the process stands still. */
export function startHere(settings: ClientSettings, tell: Tell): Client {
  const start = (): OurClient => listenAsOurs(settings, tell, scaledClock());
  let client = start();
  return {
    crashed: false,
    async restart(_how, after) {
      await client.stop();
      await new Promise((resolve) => setTimeout(resolve, after));
      client = start();
    },
    send: (letters) => void client.send(letters),
    stop: () => client.stop(),
  };
}
