import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { ValueType } from './field-values';

/** A field as it was saved: a text with places, the name of a property, or an expression. */
export interface TypedValue {
  readonly value: string;
  readonly type: ValueType;
}

type Runtime = Pick<NodeAPI, 'util'>;

/**
 * What a field is for a message. In a text, `{{path}}` is replaced by that property of the message, as it is; what the
 * message does not have is replaced by nothing.
 * @throws whatever Node-RED throws for an expression that fails
 */
export async function evaluate(RED: Runtime, node: Node, field: TypedValue, message: NodeMessage): Promise<unknown> {
  const { value, type } = field;
  if (type === 'str') return fillPlaces(value, (path) => RED.util.getMessageProperty(message, path));
  return new Promise((resolve, reject) =>
    RED.util.evaluateNodeProperty(value, type, node, message, (error, result: unknown) =>
      error ? reject(error) : resolve(result),
    ),
  );
}

/** Replaces each `{{path}}`, once: what a customer wrote is never looked into for more of them. */
export function fillPlaces(text: string, read: (path: string) => unknown): string {
  return text.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_place, path: string) => {
    try {
      return wordsOf(read(path));
    } catch {
      // No such path, or a getter that throws.
      return '';
    }
  });
}

function wordsOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
