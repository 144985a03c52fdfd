/** What the listeners share, and what belongs to the connection, stands in the connection's catalogue. */
const NAMESPACE = '@chatapp-community/node-red-chatapp/chatapp-connection';

/** The connection's text for `key` in the editor's language, with `__name__` filled from `params`. */
export function text(key: string, params?: Readonly<Record<string, string | number>>): string {
  return RED._(`${NAMESPACE}:${key}`, params);
}
