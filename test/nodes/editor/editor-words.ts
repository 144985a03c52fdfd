import { catalogue } from './catalogue';

const NAMESPACE = '@chatapp-community/node-red-chatapp/chatapp-connection:';

const texts = catalogue('chatapp-connection');

/** Gives the English texts as the editor's `RED._` does: a key that is not there comes back, without its catalogue. */
export function translate(key: string, params: Readonly<Record<string, string | number>> = {}): string {
  const bare = key.replace(NAMESPACE, '');
  const found = texts.get(bare) ?? bare;
  if ('skipInterpolation' in params) return found;
  return found.replace(/__(\w+?)__/g, (_place, name: string) => String(params[name] ?? ''));
}

/** The English text of a key, filled. */
export function words(key: string, params: Readonly<Record<string, string | number>> = {}): string {
  return translate(`${NAMESPACE}${key}`, params);
}

/** Puts globals of the editor in place, which code of the editor looks for; returns what takes them away. */
export function asEditor(globals: object): () => void {
  Object.assign(globalThis, globals);
  return () => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  };
}
