import { catalogue } from './catalogue';

const PACKAGE = '@chatapp-community/node-red-chatapp/';

/** The texts of the catalogues that the editor's code looks into, by namespace and key. */
const texts = new Map<string, string>(
  ['chatapp-connection', 'chatapp-send', 'chatapp-api', 'chatapp-done'].flatMap((type) =>
    [...catalogue(type)].map(([key, text]) => [`${PACKAGE}${type}:${key}`, text] as const),
  ),
);

/** Gives the English texts as the editor's `RED._` does: a key that is not there comes back, without its catalogue. */
export function translate(key: string, params: Readonly<Record<string, string | number>> = {}): string {
  const found = texts.get(key) ?? key.replace(/^.*?:/, '');
  if ('skipInterpolation' in params) return found;
  return found.replace(/__(\w+?)__/g, (_place, name: string) => String(params[name] ?? ''));
}

/** The English text of a key, filled, out of the catalogue where the editor's code looks for it. */
export function words(key: string, params: Readonly<Record<string, string | number>> = {}): string {
  const type =
    ['chatapp-send', 'chatapp-api', 'chatapp-done'].find((name) => key.startsWith(`${name}.`)) ?? 'chatapp-connection';
  return translate(`${PACKAGE}${type}:${key}`, params);
}

/** Puts globals of the editor in place, which code of the editor looks for; returns what takes them away. */
export function asEditor(globals: object): () => void {
  Object.assign(globalThis, globals);
  return () => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  };
}
