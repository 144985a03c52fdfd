import type { Node, NodeAPI } from 'node-red';
import type { ChatAppError } from '../../src/errors';
import { phraseOf } from './phrases';

/** The errors of all nodes have their texts in one catalogue. */
const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-connection:';

/** The params that hold a phrase. All others are names, codes and figures. */
const PHRASED: ReadonlySet<string> = new Set(['wanted', 'problem']);

type Translator = Pick<NodeAPI, '_'>;

/**
 * Hands an error to the Catch nodes around `node`, or to the log where there are none. Catch nodes get its code and
 * its text, in the language that Node-RED runs in; the stack stays behind, since it tells of this machine, not of the
 * trouble.
 */
export function report(RED: Translator, node: Pick<Node, 'error'>, error: ChatAppError): void {
  const message = textOf(RED, error);
  node.error({ code: error.code, message, toString: () => message }, {});
}

function textOf(RED: Translator, { code, reason, params, message }: ChatAppError): string {
  const places: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const text = String(value);
    places[name] = PHRASED.has(name) ? phraseText(RED, text) : text;
  }
  return translated(RED, `error.${code}.${reason}`, places) ?? message;
}

function phraseText(RED: Translator, words: string): string {
  const phrase = phraseOf(words);
  return (phrase && translated(RED, `phrase.${phrase.key}`, phrase.places)) ?? words;
}

/** The catalogue's text; undefined where it has none: Node-RED then gives back the key, with or without its catalogue. */
function translated(RED: Translator, key: string, places: Readonly<Record<string, string>>): string | undefined {
  // Filled here: Node-RED would look for places in the values as well, and some of these are ChatApp's words.
  const text = RED._(`${TEXTS}${key}`, { skipInterpolation: 'yes' });
  return text.endsWith(key) ? undefined : text.replace(/__(\w+?)__/g, (place, name: string) => places[name] ?? place);
}
