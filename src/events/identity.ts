import { CATALOGUE, type CatalogueEntry } from './catalogue';
import type { Item, Meta } from './envelope';
import { metaFacts } from './facts';
import { isRecord } from './json';

/** What tells an item from every other one. */
export interface ItemIdentity {
  /** Event, line and the item's own ids and times. */
  readonly id: string;
  /** The same with what may change under these ids: a message before and after an edit differ in it. */
  readonly twin: string;
}

/**
 * The identity of an item, or `undefined` where nothing identifies it: such an item may rightly come again to the
 * byte. Two items with the same `twin` are one and the same announcement.
 */
export function identityOf(event: string, item: Item, meta: Meta): ItemIdentity | undefined {
  const identity = IDENTITIES.get(event);
  if (!identity) return undefined;
  const names = identity.by.map((path) => idText(valueAt(item, path)));
  if (names.includes(undefined)) return undefined;
  const { licenseId, messengerType } = metaFacts(meta);
  const id = JSON.stringify([event, licenseId, messengerType, ...names]);
  if (identity.content.length === 0) return { id, twin: id };
  return { id, twin: id + JSON.stringify(identity.content.map((path) => valueAt(item, path) ?? null)) };
}

type Path = readonly string[];

/** The catalogue's paths, split once. */
const IDENTITIES: ReadonlyMap<string, { readonly by: readonly Path[]; readonly content: readonly Path[] }> = new Map(
  CATALOGUE.flatMap(({ name, identity }: CatalogueEntry) => {
    const split = (paths: readonly string[] = []): Path[] => paths.map((path) => path.split('.'));
    return identity ? [[name, { by: split(identity.by), content: split(identity.content) }]] : [];
  }),
);

/** Ids and times come as number or as text, and not always as the same of the two. */
function idText(value: unknown): string | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : undefined;
}

function valueAt(item: Item, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), item);
}
