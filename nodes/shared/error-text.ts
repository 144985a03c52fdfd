import type { AccountTrouble } from './account-answers';
import { phraseOf } from './phrases';

/** The errors of all nodes have their texts in one catalogue. */
const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-connection:';

/** The params that hold a phrase. All others are names, codes and figures. */
const PHRASED: ReadonlySet<string> = new Set(['wanted', 'problem']);

/** Looks up a text, as Node-RED's `RED._` does; gives back the key of one that is not there. */
export type Lookup = (key: string, options: Readonly<Record<string, string>>) => string;

/** What an error says, in the language that `lookup` speaks; undefined where the catalogue does not have it. */
export function errorText(lookup: Lookup, { code, reason, params }: AccountTrouble): string | undefined {
  const places: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const text = String(value);
    places[name] = PHRASED.has(name) ? phraseText(lookup, text) : text;
  }
  return translated(lookup, `error.${code}.${reason}`, places);
}

function phraseText(lookup: Lookup, words: string): string {
  const phrase = phraseOf(words);
  return (phrase && translated(lookup, `phrase.${phrase.key}`, phrase.places)) ?? words;
}

/** The catalogue's text; undefined where it has none: Node-RED then gives back the key, with or without its catalogue. */
function translated(lookup: Lookup, key: string, places: Readonly<Record<string, string>>): string | undefined {
  // Filled here: Node-RED would look for places in the values as well, and some of these are ChatApp's words.
  const text = lookup(`${TEXTS}${key}`, { skipInterpolation: 'yes' });
  return text.endsWith(key) ? undefined : text.replace(/__(\w+?)__/g, (place, name: string) => places[name] ?? place);
}
