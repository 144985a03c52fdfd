import type { AccountFailure } from './account-answers';

const PACKAGE = '@chatapp-community/node-red-chatapp/';
/** The errors of all nodes have their texts in one catalogue. */
const TEXTS = `${PACKAGE}chatapp-connection:`;

/** Where the label of a field may stand, which an error names by its property. */
const LABELS = [
  ...['chatapp-connection', 'listener'].flatMap((group) => [`${TEXTS}${group}.label.*`, `${TEXTS}${group}.*.label`]),
  // One label stands by itself.
  `${TEXTS}listener.*`,
  `${PACKAGE}chatapp-send:chatapp-send.label.*`,
  `${PACKAGE}chatapp-api:chatapp-api.label.*`,
  `${PACKAGE}chatapp-api:chatapp-api.field.*`,
  `${PACKAGE}chatapp-done:chatapp-done.label.*`,
];

/** The params that hold the names of fields. All others are names, codes and figures, or come with the key of their text. */
const FIELDS: ReadonlySet<string> = new Set(['field', 'fields']);

/**
 * Looks up a text, as Node-RED's `RED._` does; gives back the key of one that is not there. A key such as `label.constructor`
 * leads to something else than a text.
 */
export type Lookup = (key: string, options: Readonly<Record<string, string>>) => unknown;

/** What an error says, in the language that `lookup` speaks; undefined where the catalogue does not have it. */
export function errorText(lookup: Lookup, { code, reason, params }: AccountFailure): string | undefined {
  const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  const places: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = given[`${name}Key`];
    const words = key === undefined ? undefined : translated(lookup, `${TEXTS}detail.${key}`, given);
    places[name] = FIELDS.has(name) ? labels(lookup, value) : (words ?? value);
  }
  const message = translated(lookup, `${TEXTS}error.${code}.${reason}`, places);
  if (message === undefined) return undefined;
  // What ChatApp says of a refusal, and what a flow says of its own failure.
  const additions = ['words', 'cause'].filter((name) => places[name]);
  const texts = additions.map((name) => translated(lookup, `${TEXTS}detail.${name}`, places) ?? places[name]);
  return [message, ...texts].join(' ');
}

/** The labels of fields in the dialog; the name of a property that has none. */
function labels(lookup: Lookup, names: string): string {
  const labelOf = (name: string): string => {
    for (const key of LABELS) {
      const label = translated(lookup, key.replace('*', name), {});
      if (label !== undefined) return label;
    }
    return name;
  };
  return names.split(', ').map(labelOf).join(', ');
}

/** The catalogue's text; undefined where it has none: Node-RED then gives back the key, with or without its catalogue. */
function translated(lookup: Lookup, key: string, places: Readonly<Record<string, string>>): string | undefined {
  // Filled here: Node-RED would look for places in the values as well, and some of these are ChatApp's words.
  // A group of texts comes as an object: otherwise it would be a sentence about that.
  const text = lookup(key, { skipInterpolation: 'yes', returnObjects: 'yes' });
  return typeof text !== 'string' || text.endsWith(key.slice(key.indexOf(':') + 1))
    ? undefined
    : text.replace(/__(\w+?)__/g, (place, name: string) => places[name] ?? place);
}
