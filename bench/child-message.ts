import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** In ms. */
const MAX_LENGTH = 120_000;

/**
 * What `read` makes of the next message of a child that it makes something of. Rejects where the child ends before, or
 * says nothing of the kind for two minutes.
 */
export async function messageFrom<T>(child: ChildProcess, read: (reported: unknown) => T | undefined): Promise<T> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Error('It takes too long')), MAX_LENGTH);
  const onExit = (): void => ended.abort(new Error('The process has ended'));
  child.once('exit', onExit);
  try {
    for (;;) {
      const reported: unknown[] = await once(child, 'message', { signal: ended.signal });
      const found = read(reported[0]);
      if (found !== undefined) return found;
    }
  } finally {
    clearTimeout(timer);
    child.off('exit', onExit);
  }
}
