const PACKAGE = '@chatapp-community/node-red-chatapp';
/** Node types with texts of their own. What the others share, and what belongs to the connection, stands there. */
const OWN_TEXTS = ['chatapp-send', 'chatapp-api', 'chatapp-done', 'chatapp-sidebar'];

/**
 * The text for `key` in the editor's language, with `__name__` filled from `params`. A key that begins with such a
 * node type is looked up in its catalogue, all others in the connection's.
 */
export function text(key: string, params?: Readonly<Record<string, string | number>>): string {
  const type = OWN_TEXTS.find((name) => key.startsWith(`${name}.`)) ?? 'chatapp-connection';
  return RED._(`${PACKAGE}/${type}:${key}`, params);
}

/** The same for values that others made up: nothing in them is taken for a place or for a key. */
export function textWith(key: string, params: Readonly<Record<string, string>>): string {
  const open = text(key, { skipInterpolation: 'yes' });
  return open.replace(/__(\w+?)__/g, (place, name: string) => params[name] ?? place);
}
