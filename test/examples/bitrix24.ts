import { isRecord, type JsonRecord } from '../../src/events/json';
import type { ExampleSettings, ExampleStage } from '../support/example-stage';
import type { FarAnswer, FarRequest } from '../support/http-far-end';
import { runSending, type SendingRun } from './sending-run';

/** Where Bitrix24 takes what comes by the webhook of these tests. */
export const WEBHOOK = '/rest/1/notarealsecret';

/** Runs the example for the Bitrix24 at `url`. `limited` keeps to as many requests a second as Bitrix24 wants. */
export function runBitrix24(
  stage: ExampleStage,
  url: string,
  variables: ExampleSettings['variables'],
  limited = false,
): Promise<SendingRun> {
  const example = { name: 'crm/bitrix24', queue: 'one at a time', limited };
  return runSending(stage, example, { BITRIX24_WEBHOOK: `${url}${WEBHOOK}/`, ...variables });
}

/** As much of Bitrix24 as the example needs. */
export class Bitrix24 {
  /** Contacts by phone. */
  readonly contacts = new Map<string, number>();
  readonly leads: JsonRecord[] = [];
  readonly comments: JsonRecord[] = [];
  /** How late it answers, in ms. */
  slowness = 0;
  /** Does what this method says, once, and never answers. */
  lose = '';

  async answer({ path, json }: FarRequest): Promise<FarAnswer | undefined> {
    const method = path.replace(`${WEBHOOK}/`, '');
    const result = this.#do(method, isRecord(json) ? json : {});
    if (this.lose === method) {
      this.lose = '';
      return new Promise(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, this.slowness));
    return { body: { result, time: { start: 1, finish: 2, duration: 1 } } };
  }

  #do(method: string, { fields, values, filter }: JsonRecord): unknown {
    const entity = isRecord(fields) ? fields : {};
    if (method === 'crm.lead.add') return 100 + this.leads.push(entity);
    if (method === 'crm.timeline.comment.add') return 900 + this.comments.push(entity);
    const found = (holds: (lead: JsonRecord) => boolean): number[] =>
      this.leads.flatMap((lead, at) => (holds(lead) ? [101 + at] : []));
    if (method === 'crm.lead.list') {
      const origin = isRecord(filter) ? filter.ORIGIN_ID : undefined;
      return found(({ ORIGIN_ID }) => ORIGIN_ID === origin).map((id) => ({ ID: String(id) }));
    }
    const [phone] = Array.isArray(values) ? values.map(String) : [];
    const contact = this.contacts.get(phone ?? '');
    const leads = found(({ PHONE }) => JSON.stringify(PHONE ?? '').includes(`"${phone}"`));
    // Nobody: an empty array, not an empty object.
    if (contact === undefined && leads.length === 0) return [];
    return { ...(contact === undefined ? {} : { CONTACT: [contact] }), ...(leads.length > 0 ? { LEAD: leads } : {}) };
  }
}
