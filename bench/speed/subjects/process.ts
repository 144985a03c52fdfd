import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { isRecord } from '../../../simulator/json';
import { messageFrom } from '../../child-message';
import { BUILT } from '../build';
import { readRun, type SubjectName } from './names';
import { startNodeRedSubject } from './node-red';
import type { Subject, SubjectSettings } from './subject';

/** Starts a subject in a process of its own. */
export function startSubject(name: SubjectName, settings: SubjectSettings): Promise<Subject> {
  if (name === 'node' || name === 'pusher-js node' || name === 'drawn by hand')
    return startNodeRedSubject(name, settings);
  const child = fork(BUILT.subject, [name, JSON.stringify(settings)]);
  return Promise.resolve({
    nextRun: () => messageFrom(child, readRun),
    heap: () => {
      child.send('heap');
      return messageFrom(child, readHeap);
    },
    send: (count) => {
      child.send({ send: count });
      return messageFrom(child, (reported) =>
        isRecord(reported) && typeof reported.taken === 'number' ? reported.taken : undefined,
      );
    },
    stop: () => endOf(child),
  });
}

export async function endOf(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}

function readHeap(reported: unknown): number | undefined {
  return isRecord(reported) && typeof reported.heap === 'number' ? reported.heap : undefined;
}
