import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { markdownTable } from './event-table';

const FILE = join(__dirname, '../src/flow-message.ts');

/** One property of the `msg` that a listener sends. */
export interface MessageField {
  /** Its path in the `msg`, such as `chatapp.from.name`. */
  readonly path: string;
  readonly type: 'string' | 'number' | 'boolean' | 'object';
  /** What its declaration says, as a part of a sentence. */
  readonly meaning: string;
}

/** All properties of a listener's `msg`, as `src/flow-message.ts` declares them: that is where one is added. */
export function messageFields(): MessageField[] {
  const source = ts.createSourceFile(FILE, readFileSync(FILE, 'utf8'), ts.ScriptTarget.Latest, true);
  const interfaces = new Map(
    source.statements.filter(ts.isInterfaceDeclaration).map((declaration) => [declaration.name.text, declaration]),
  );
  const fieldsOf = (name: string, path: string): MessageField[] =>
    [...(interfaces.get(name)?.members ?? [])].flatMap((member) => {
      if (!ts.isPropertySignature(member)) return [];
      const field = fieldOf(member, path);
      const inner = member.type && ts.isTypeReferenceNode(member.type) ? member.type.typeName.getText() : '';
      // The rows of `msg.chatapp` stand for itself; what a Join node needs is no concern of people.
      if (inner === 'Origin') return fieldsOf(inner, `${field.path}.`);
      return inner === 'Parts' ? [field] : [field, ...fieldsOf(inner, `${field.path}.`)];
    });
  return fieldsOf('MessageOf', '');
}

/** The Markdown table of all properties of a message. */
export function fieldTable(): string {
  return markdownTable(
    ['Property', 'Type', 'What it is'],
    messageFields().map(({ path, type, meaning }) => [`\`${path}\``, type, meaning]),
  );
}

function fieldOf(member: ts.PropertySignature, path: string): MessageField {
  const [comment] = ts.getJSDocCommentsAndTags(member);
  const text = comment && ts.isJSDoc(comment) ? (ts.getTextOfJSDocComment(comment.comment) ?? '') : '';
  const sentence = text.replace(/\s+/g, ' ').replace(/\.$/, '');
  return {
    path: path + member.name.getText(),
    type: typeOf(member.type?.getText() ?? ''),
    meaning: sentence.charAt(0).toLowerCase() + sentence.slice(1),
  };
}

function typeOf(type: string): MessageField['type'] {
  if (type === 'true' || type === 'boolean') return 'boolean';
  if (type === 'number') return 'number';
  return type === 'string' || type === 'Event' || type.startsWith("'") ? 'string' : 'object';
}
