import { isRecord } from '../../src/events/json';

/** The version of the saved properties that nodes have now. A node without one was saved before there were versions. */
export const VERSION = 1;

type Properties = Readonly<Record<string, unknown>>;

/** What a node type saves, by version. */
export interface Migration {
  /** The properties of a new node. */
  readonly defaults: Properties;
  /** What a node without a version means by leaving a property out, if that is something else. */
  readonly unversioned?: Properties;
  /** Reads properties that are saved in another form now. */
  readonly convert?: (saved: Properties) => Properties;
}

/** Whether a node was saved before nodes had a version. Hand-made flows may hold the number as text. */
export function isUnversioned(saved: unknown): boolean {
  return !(isRecord(saved) && Number(saved.version) >= 1);
}

/**
 * The saved properties of a node in the current version. What it leaves out, or has empty, gets the default of the version
 * in which it was saved. What else stands in `saved`, such as its wires, is left out.
 */
export function migrate(saved: unknown, { defaults, unversioned = {}, convert }: Migration): Properties {
  const given = isRecord(saved) ? saved : {};
  const properties = convert?.(given) ?? given;
  const fallback: Properties = isUnversioned(saved) ? { ...defaults, ...unversioned } : defaults;
  const filled = Object.entries(fallback).map(([name, value]): [string, unknown] => {
    const own = name === 'version' ? value : properties[name];
    return [name, own === undefined || own === null || own === '' ? value : own];
  });
  return Object.fromEntries<unknown>(filled);
}

/** The properties that all listeners have. */
export const LISTENER = {
  name: '',
  connection: '',
  events: [],
  separate: false,
  ack: 'sent',
  ackSeconds: 60,
  inFlight: 100,
  outputs: 1,
  version: VERSION,
} as const;

/** Those of listeners to chats. A new one gets what customers write: a flow that answers everything answers itself. */
export const CHAT_LISTENER = {
  ...LISTENER,
  events: ['message'],
  direction: 'in',
  ignoreOwn: false,
  skipGroups: false,
  skipEdited: false,
} as const;

/** Without a version, a listener to chats that says nothing gets everything. */
export const UNVERSIONED_CHAT_LISTENER = { events: [], direction: 'any' } as const;
