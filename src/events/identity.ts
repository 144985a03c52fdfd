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
  const { licenseId, messengerType } = metaFacts(meta);
  const names: (string | undefined)[] = [event, licenseId, messengerType];
  for (const path of identity.by) {
    const name = idText(valueAt(item, path));
    if (name === undefined) return undefined;
    names.push(name);
  }
  return new Identity(JSON.stringify(names), contentOf(item, identity.content));
}

/** Every message has an identity, but few are ever looked at more closely: only those get a `twin`. */
class Identity implements ItemIdentity {
  #twin: string | undefined;

  constructor(
    readonly id: string,
    private readonly content: readonly unknown[],
  ) {}

  get twin(): string {
    this.#twin ??= this.content.length === 0 ? this.id : this.id + JSON.stringify(this.content);
    return this.#twin;
  }
}

/** What may change, as it is now: flows may write into the item later, so what they could change is copied. */
function contentOf(item: Item, paths: readonly Path[]): unknown[] {
  return paths.map((path) => {
    const value = valueAt(item, path) ?? null;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
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

function valueAt(item: Item, path: Path): unknown {
  let value: unknown = item;
  for (const name of path) value = isRecord(value) ? value[name] : undefined;
  return value;
}
