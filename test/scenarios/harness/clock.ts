import { createConnection, type Socket } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

/** Loads the clock that a test moves, into every Node.js process of this environment. With CLOCK_STEPS it also moves by itself. */
export function clockEnvironment(shift: number): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${pathToFileURL(join(__dirname, 'clock.mjs')).href}`,
    CLOCK_SHIFT: String(shift),
    CLOCK_STEPS: process.env.CLOCK_STEPS ?? '',
  };
}

/** Moves the clocks of a Node-RED process. */
export class ClockControl {
  #answered: ((line: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => this.#answered?.(line));
    // It repeats the errors of the socket: a process that is killed right after its start resets the connection.
    lines.on('error', () => socket.destroy());
    socket.on('close', () => this.#failed?.(new Error('Node-RED has ended.')));
  }

  /** Reads the port out of what the process has printed. */
  static async connect(lines: readonly string[]): Promise<ClockControl> {
    const port = lines.map((line) => /^clock control on port (\d+)$/.exec(line)?.[1]).find((found) => found);
    if (port === undefined) throw new Error('The process has not reported the port of its clock.');
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return new ClockControl(socket);
  }

  /** Clocks and timers go on by at most so many ms, or until a timer is due. Resolves with how many ms it was. */
  async step(atMost: number): Promise<number> {
    return Number(await this.#ask(`step ${atMost}`));
  }

  /** The wall clock alone goes on by so many ms. */
  async shift(by: number): Promise<void> {
    await this.#ask(`shift ${by}`);
  }

  close(): void {
    this.socket.destroy();
  }

  /** One command at a time. */
  #ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      if (this.socket.destroyed) reject(new Error('Node-RED has ended.'));
      else this.socket.write(`${command}\n`);
    });
  }
}
