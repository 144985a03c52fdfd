import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { isRecord } from '../../../simulator/json';
import { BUILT } from '../build';
import { readRun, type SubjectName } from './names';
import { startNodeRedSubject } from './node-red';
import type { Run, SubjectSettings } from './subject';

/** In ms. */
const LONGEST_RUN = 120_000;

/** A subject at work. */
export interface Subject {
  /** The next run that it tells of. */
  nextRun(): Promise<Run>;
  /** Its heap after a collection, in bytes. */
  heap(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a subject in a process of its own. */
export function startSubject(name: SubjectName, settings: SubjectSettings): Promise<Subject> {
  if (name === 'node' || name === 'pusher-js node' || name === 'drawn by hand')
    return startNodeRedSubject(name, settings);
  const child = fork(BUILT.subject, [name, JSON.stringify(settings)], { execArgv: ['--expose-gc'] });
  return Promise.resolve({
    nextRun: () => heard(child, readRun),
    heap: () => {
      child.send('heap');
      return heard(child, readHeap);
    },
    stop: () => endOf(child),
  });
}

/** The next message of a child that `read` makes something of. Rejects where the child ends before. */
export async function heard<T>(child: ChildProcess, read: (told: unknown) => T | undefined): Promise<T> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Error('It takes too long')), LONGEST_RUN);
  const onExit = (): void => ended.abort(new Error('The process has ended'));
  child.once('exit', onExit);
  try {
    for (;;) {
      const told: unknown[] = await once(child, 'message', { signal: ended.signal });
      const found = read(told[0]);
      if (found !== undefined) return found;
    }
  } finally {
    clearTimeout(timer);
    child.off('exit', onExit);
  }
}

export async function endOf(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}

function readHeap(told: unknown): number | undefined {
  return isRecord(told) && typeof told.heap === 'number' ? told.heap : undefined;
}
