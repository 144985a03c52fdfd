import { isRecord } from '../../../simulator/json';
import type { Run, SubjectSettings } from './subject';

/** Who is measured, and how it is called in the tables. */
export const SUBJECTS = {
  node: 'this package in Node-RED, socket → next node',
  client: "this package's client alone",
  'pusher-js': 'pusher-js 8 alone',
  'pusher-js node': 'pusher-js 8 in a minimal Node-RED node',
  'laravel-echo': 'laravel-echo over pusher-js',
  'drawn by hand': 'core websocket, json and function nodes',
  'ws parsed': '`ws` and two `JSON.parse`: the limit for parsed events',
  'ws unparsed': '`ws`, nothing parsed: the limit for the wire',
} as const satisfies Record<string, string>;

export type SubjectName = keyof typeof SUBJECTS;

/** Words before a run that Node-RED tells on its standard output, where it prints more than ours. */
export const REPORTED = 'bench: ';

export function readSubjectSettings(value: unknown): SubjectSettings {
  if (!isRecord(value)) throw new Error('The settings are missing');
  const { url, lines, wants, listeners } = value;
  if (typeof url !== 'string' || typeof lines !== 'number' || typeof listeners !== 'number') {
    throw new Error('The settings are incomplete');
  }
  return { url, lines, listeners, wants: wants === 'none' ? 'none' : 'all', recover: value.recover === true };
}

/** The run in what a subject reported; undefined where it reported something else. */
export function readRun(reported: unknown): Run | undefined {
  const run = isRecord(reported) ? reported.run : undefined;
  if (!isRecord(run)) return undefined;
  const { events, wall, cpu, delays } = run;
  if (typeof events !== 'number' || typeof wall !== 'number' || typeof cpu !== 'number') return undefined;
  return { events, wall, cpu, delays: Array.isArray(delays) ? delays.map(Number) : [] };
}
