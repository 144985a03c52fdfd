import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';

/** The client, where the types of items and messages stand. */
const SOURCE = join(__dirname, '../src');

/** Which of its files hold them. */
const FILES = [
  'flow-message.ts',
  ...readdirSync(join(SOURCE, 'events/items'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join('events/items', name)),
];

const HEAD = `/**
 * The types of what the ChatApp nodes send, as the code editor of Node-RED's function node knows them: a copy of the
 * published declarations without imports. Written by "npm run docs".
 */`;

/**
 * The declarations for the function node's editor: the types of `src/events/items` and of `src/flow-message.ts` in one
 * global namespace `ChatApp`, and `chatapp` on the `msg` that the editor declares.
 */
export async function flowTypes(): Promise<string> {
  const types = FILES.map((file) => withoutImports(readFileSync(join(SOURCE, file), 'utf8')));
  const namespace = `declare namespace ChatApp {\n/** The name of an event. */\nexport type EventName = keyof ItemOf;\n\n${types.join('\n')}\n}`;
  const message = 'interface NodeMessage {\n/** Set by the ChatApp nodes. */\nchatapp?: ChatApp.Origin;\n}';
  return format([HEAD, namespace, message].join('\n\n'), { parser: 'typescript', printWidth: 120, singleQuote: true });
}

/** What the files say to each other has no place where all stand in one. */
function withoutImports(source: string): string {
  return source.replace(/^(?:import type \{[^}]*\} from|export type \* from) '[^']+';\n/gm, '');
}
