/** Where the client writes what happens. Lines never hold a token, a password or words of a server. */
export interface Log {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
}

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/**
 * Runs a task that nobody waits for. If it rejects, the kind of error is logged, not its message: that may hold anything.
 * @param name what failed, for the log
 */
export function runInBackground(task: Promise<unknown>, log: Pick<Log, 'warn'>, name: string): void {
  task.catch((error: unknown) => log.warn(`${name} failed unexpectedly: ${kindOf(error)}`));
}

/** The class of an error, as `TypeError`. */
export function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
