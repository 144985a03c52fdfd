/** Where the client writes what happens. Lines never hold a token, a password or words of a server. */
export interface Log {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
}

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
