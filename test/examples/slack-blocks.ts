import { isRecord } from '../../src/events/json';
import type { FarRequest } from '../support/http-far-end';

/** A block as Slack wants it. */
export function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** The texts of the blocks of a message. */
export function blocksOf(request: FarRequest | undefined): string[] {
  const blocks = isRecord(request?.json) && Array.isArray(request.json.blocks) ? request.json.blocks : [];
  return blocks.map((block: unknown) => (isRecord(block) && isRecord(block.text) ? String(block.text.text) : ''));
}
