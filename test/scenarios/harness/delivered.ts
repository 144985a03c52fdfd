import assert from 'node:assert/strict';
import { isRecord, parseJson } from '../../../src/events/json';

/** What reached a collector. */
export interface Delivery {
  /** The collector's id. */
  readonly at: string;
  readonly event: string;
  readonly licenseId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly recovered: boolean;
  readonly attempt: number | undefined;
  readonly text: string;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** A message that a listener must get. Texts are not written twice. */
export interface Expected {
  readonly chat: string;
  readonly text: string;
}

/** What a collector has printed; undefined for any other line. */
export function readDelivery(line: string): Delivery | undefined {
  const [, json] = /^collected (\{.*\})$/.exec(line) ?? [];
  const value = json === undefined ? undefined : parseJson(json);
  if (!isRecord(value)) return undefined;
  const text = (name: string): string => textIn(value[name]);
  const { failure } = value;
  return {
    at: text('at'),
    event: text('event'),
    licenseId: text('licenseId'),
    chatId: text('chatId'),
    messageId: text('messageId'),
    recovered: value.recovered === true,
    attempt: typeof value.attempt === 'number' ? value.attempt : undefined,
    text: text('text'),
    ...(isRecord(failure) && { failure: { code: textIn(failure.code), message: textIn(failure.message) } }),
  };
}

/** How many of the wanted messages have not come. */
export function missing(got: readonly Delivery[], wanted: readonly Expected[]): number {
  const texts = new Set(got.map(({ text }) => text));
  return wanted.filter(({ text }) => !texts.has(text)).length;
}

/** Fails unless each wanted message came once, in the order of its chat, and nothing else came. */
export function assertDelivered(got: readonly Delivery[], wanted: readonly Expected[], inOrder = true): void {
  const texts = got.map(({ text }) => text);
  const known = new Set(wanted.map(({ text }) => text));
  const lost = wanted.map(({ text }) => text).filter((text) => !texts.includes(text));
  const doubled = texts.filter((text, index) => texts.indexOf(text) !== index);
  const unexpected = texts.filter((text) => !known.has(text));
  const found = { lost, doubled, unexpected, disordered: inOrder ? disorderedChats(got, wanted) : [] };
  const counts = `${lost.length} lost, ${doubled.length} doubled, ${unexpected.length} unexpected`;
  const nothing = { lost: [], doubled: [], unexpected: [], disordered: [] };
  assert.deepEqual(found, nothing, `${counts} of ${wanted.length}: ${JSON.stringify(found).slice(0, 500)}`);
}

/** The chats whose messages came in another order than that in which they were written. */
function disorderedChats(got: readonly Delivery[], wanted: readonly Expected[]): string[] {
  const position = new Map(wanted.map(({ text }, index) => [text, index]));
  const latest = new Map<string, number>();
  const disordered = new Set<string>();
  for (const { chatId, text } of got) {
    const index = position.get(text) ?? -1;
    if (index < (latest.get(chatId) ?? -1)) disordered.add(chatId);
    else latest.set(chatId, index);
  }
  return [...disordered];
}

function textIn(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
