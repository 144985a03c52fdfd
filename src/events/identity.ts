import { CATALOGUE, type CatalogueEntry } from './catalogue';
import type { Item, Meta } from './envelope';
import { metaFacts } from './facts';
import { isRecord } from './json';

/**
 * What tells an item from every other one of its event, or `undefined` where nothing does: such an item may rightly
 * come again to the byte. Two items with the same identity are one and the same announcement. An edited message has
 * another identity than the message before the edit.
 */
export function identityOf(event: string, item: Item, meta: Meta): string | undefined {
  const identity = IDENTITIES.get(event);
  if (!identity) return undefined;
  const names = identity.by.map((path) => idText(valueAt(item, path)));
  if (names.includes(undefined)) return undefined;
  const { licenseId, messengerType } = metaFacts(meta);
  const content = identity.content.map((path) => valueAt(item, path) ?? null);
  return JSON.stringify([event, licenseId, messengerType, ...names, ...content]);
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
