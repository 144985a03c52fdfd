import { messengerName } from '../../../../src/api/messenger-names';
import { isRecord } from '../../../../src/events/json';
import type { LineEntry } from '../../account-answers';
import { CALLBACK_STATES, type CallbackEntry, type CallbackState } from '../../callback-answers';
import { readFailure, failureText } from '../page/requests';
import { text, textWith } from '../page/text';

/** A line of the list of callbacks, in words. */
export interface CallbackRow {
  /** Tells the rows apart. */
  readonly key: string;
  readonly licenseId: string;
  readonly messengerType: string;
  readonly state: CallbackState;
  /** What people know the line and its messenger by. */
  readonly name: string;
  /** How it stands, and, where it failed, why and what to do. */
  readonly words: string;
  /** What is asked before it is replaced; only where it is somebody else's. */
  readonly question?: string;
}

/** Reads what Node-RED answers; `undefined` where that is no list. Entries that nobody can place are left out. */
export function readCallbacks(answer: unknown): readonly CallbackEntry[] | undefined {
  if (!isRecord(answer) || !Array.isArray(answer.callbacks)) return undefined;
  const list: readonly unknown[] = answer.callbacks;
  return list.flatMap((entry) => readEntry(entry) ?? []);
}

/** The rows to show: first those that somebody has to look at. `lines` gives them names, where it is known. */
export function callbackRows(entries: readonly CallbackEntry[], lines: readonly LineEntry[]): CallbackRow[] {
  const rows = entries.map((entry) => rowOf(entry, lines));
  return URGENCY.flatMap((state) => rows.filter((row) => row.state === state));
}

/** How many there are of how many; or that there can be none yet. */
export function summaryOf(entries: readonly CallbackEntry[]): string {
  if (entries.length === 0) return text('chatapp-connection.callback.none');
  const set = entries.filter(({ state }) => state === 'set').length;
  return text('chatapp-connection.callback.summary', { set, total: entries.length });
}

const URGENCY = ['taken', 'failed', 'setting', 'set'] as const satisfies readonly CallbackState[];

function readEntry(entry: unknown): CallbackEntry | undefined {
  if (!isRecord(entry)) return undefined;
  const { licenseId, messengerType, host } = entry;
  const state = CALLBACK_STATES.find((name) => name === entry.state);
  if (typeof licenseId !== 'string' || typeof messengerType !== 'string' || state === undefined) return undefined;
  const failure = readFailure(entry.failure);
  const isHost = typeof host === 'string' && host !== '';
  return { licenseId, messengerType, state, ...(isHost && { host }), ...(failure && { failure }) };
}

function rowOf(entry: CallbackEntry, lines: readonly LineEntry[]): CallbackRow {
  const { licenseId, messengerType, state } = entry;
  const line = lines.find((one) => one.licenseId === licenseId);
  const messenger = line?.messengers.find(({ type }) => type === messengerType) ?? { type: messengerType };
  const name = `${line?.name ?? text('label.line', { id: licenseId })} · ${messengerName(messenger)}`;
  const key = `${licenseId} ${messengerType}`;
  const row = { key, licenseId, messengerType, state, name, words: wordsOf(entry) };
  return state === 'taken' ? { ...row, question: questionOf(entry, name) } : row;
}

function wordsOf({ state, host, failure }: CallbackEntry): string {
  if ((state === 'failed' || state === 'set') && failure) return failureText(failure);
  if (state === 'taken' && host !== undefined) return textWith('chatapp-connection.callback.takenBy', { host });
  return text(`chatapp-connection.callback.${state}`);
}

function questionOf({ host }: CallbackEntry, line: string): string {
  if (host === undefined) return textWith('chatapp-connection.callback.ask', { line });
  return textWith('chatapp-connection.callback.askFor', { line, host });
}
