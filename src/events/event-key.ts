import { CATALOGUE, type CatalogueEntry } from './catalogue';
import type { Item } from './envelope';
import { idText } from './facts';
import { hashText, hashValue } from './hash';
import { isRecord, isYes } from './json';

/**
 * The version of the functions below. Raise it with every change that gives an item another `edit`. An `id` must stay
 * the same, or what was delivered before an update is delivered again after it.
 */
export const EVENT_KEY_VERSION = 3;

/** The ways in which an event arrives. */
export const EVENT_SOURCES = ['socket', 'webhook', 'history'] as const;

export type EventSource = (typeof EVENT_SOURCES)[number];

/** The sources that bring events as they happen. */
export type LiveSource = Exclude<EventSource, 'history'>;

/**
 * What tells an item from every other one, on whatever way it comes. Hashes, so that a stored key takes little room and
 * reveals nothing of what was written.
 */
export interface EventKey {
  readonly version: number;
  /** The hash of event, line and the item's own ids and times. */
  readonly id: number;
  /** 0 for an item that was not edited, else the hash of its words. */
  readonly edit: number;
}

/** The line of an item: the address of its messenger channel, or else the meta of its envelope. */
export interface LineIds {
  readonly licenseId?: unknown;
  readonly messengerType?: unknown;
}

/**
 * The key of an item; `undefined` if the catalogue names no ids for the event, or one of them or the line is missing.
 * Two items with the same key are the same announcement. Items without a key may rightly come again, word for word.
 */
export function eventKeyOf(event: string, item: Item, line: LineIds): EventKey | undefined {
  const entry = KEYS.get(event);
  if (!entry) return undefined;
  const messengerType = idText(line.messengerType);
  const licenseId = idText(line.licenseId);
  // Ids count from 1 in each line: without it, the same ids may name another message.
  if (messengerType === undefined || licenseId === undefined) return undefined;
  let id = hashText(messengerType, hashText(licenseId, entry.event));
  for (const path of entry.ids) {
    const text = idText(valueAt(item, path));
    if (text === undefined) return undefined;
    id = hashText(text, id);
  }
  for (const path of entry.optionalIds) id = hashText(idText(valueAt(item, path)) ?? '', id);
  return { version: EVENT_KEY_VERSION, id, edit: entry.isEditable ? editOf(item) : 0 };
}

/** The hash of all that an item says: two items without a key that have the same may be the same announcement. */
export function contentHash(event: string, item: Item): number {
  return hashText(event, hashValue(item));
}

/**
 * The history writes all else differently from the announcement did: empty fields, links to files, derived texts. So a
 * message that was not edited is known by its ids alone, and an edit by what a person can change.
 */
function editOf({ edited, message }: Item): number {
  if (!isYes(edited) || hashValue(edited) === 0) return 0;
  const { text, caption, file, location, template } = isRecord(message) ? message : {};
  // A message without words, such as a position that is shared live, has nothing else to tell its edits apart.
  return hashValue([visible(text), visible(caption), namesOf(file)]) || hashValue([location, template]) || 1;
}

/** A text without blanks at its ends, whose lines end in one way. */
function visible(text: unknown): unknown {
  return typeof text === 'string' ? text.trim().replace(/\r\n?/g, '\n') : text;
}

/** A list of a single file is that file. */
function namesOf(file: unknown): unknown {
  if (Array.isArray(file)) return file.length === 1 ? namesOf(file[0]) : file.map(namesOf);
  return isRecord(file) ? [file.name, file.fileName].find((name) => hashValue(name) !== 0) : undefined;
}

type Path = readonly string[];

interface KeyPaths {
  /** The hash of the event's name. */
  readonly event: number;
  readonly ids: readonly Path[];
  readonly optionalIds: readonly Path[];
  readonly isEditable: boolean;
}

/** The catalogue's paths, split once. */
const KEYS: ReadonlyMap<string, KeyPaths> = new Map(
  CATALOGUE.flatMap(({ name, key }: CatalogueEntry): [string, KeyPaths][] => {
    const split = (paths: readonly string[] = []): Path[] => paths.map((path) => path.split('.'));
    if (!key) return [];
    const { ids, optionalIds, isEditable = false } = key;
    return [[name, { event: hashText(name, 0), ids: split(ids), optionalIds: split(optionalIds), isEditable }]];
  }),
);

function valueAt(item: Item, path: Path): unknown {
  let value: unknown = item;
  for (const name of path) value = isRecord(value) ? value[name] : undefined;
  return value;
}
