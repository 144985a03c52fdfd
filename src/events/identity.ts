import { CATALOGUE, type CatalogueEntry } from './catalogue';
import type { Item, Meta } from './envelope';
import { fingerprint } from './fingerprint';
import { isRecord } from './json';

/** What tells an item from every other one, as fingerprints: they take no room, and tell nobody who wrote what. */
export interface ItemIdentity {
  /** Of event, line and the item's own ids and times. */
  readonly id: number;
  /** Of what may change under these: a message before and after an edit differ in it. */
  readonly content: number;
}

/**
 * The identity of an item, or `undefined` where nothing identifies it: such an item may rightly come again to the
 * byte. Two items with the same id and content are one and the same announcement.
 */
export function identityOf(event: string, item: Item, meta: Meta): ItemIdentity | undefined {
  const identity = IDENTITIES.get(event);
  if (!identity) return undefined;
  let id = fingerprint(idText(meta.messengerType), fingerprint(idText(meta.licenseId), identity.event));
  for (const path of identity.by) {
    const name = idText(valueAt(item, path));
    if (name === undefined) return undefined;
    id = fingerprint(name, id);
  }
  let content = 0;
  for (const path of identity.content) content = fingerprint(valueAt(item, path), content);
  return { id, content };
}

type Path = readonly string[];

interface Paths {
  /** The fingerprint of the event's name. */
  readonly event: number;
  readonly by: readonly Path[];
  readonly content: readonly Path[];
}

/** The catalogue's paths, split once. */
const IDENTITIES: ReadonlyMap<string, Paths> = new Map(
  CATALOGUE.flatMap(({ name, identity }: CatalogueEntry): [string, Paths][] => {
    const split = (paths: readonly string[] = []): Path[] => paths.map((path) => path.split('.'));
    if (!identity) return [];
    return [[name, { event: fingerprint(name, 0), by: split(identity.by), content: split(identity.content) }]];
  }),
);

/** Ids and times come as number or as text, and not always as the same of the two. */
function idText(value: unknown): string | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : undefined;
}

function valueAt(item: Item, path: Path): unknown {
  let value: unknown = item;
  for (const name of path) value = isRecord(value) ? value[name] : undefined;
  return value;
}
