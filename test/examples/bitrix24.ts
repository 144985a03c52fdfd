import { isRecord, type JsonRecord } from '../../src/events/json';
import type { FarAnswer, FarRequest } from '../support/http-stub';

/** Where Bitrix24 takes what comes by the webhook of these tests. */
export const WEBHOOK = '/rest/1/notarealsecret';

/**
 * As much of Bitrix24 as the example needs, as https://apidocs.bitrix24.com describes it: crm-duplicate-find-by-comm,
 * crm-lead-list, crm-lead-add and crm-timeline-comment-add under api-reference/crm, and error-codes.html.
 */
export class Bitrix24 {
  /** Contacts by phone. */
  readonly contacts = new Map<string, number>();
  /** The fields of the leads 101, 102, … */
  readonly leads: JsonRecord[] = [];
  readonly comments: JsonRecord[] = [];
  readonly methods: string[] = [];

  answer({ path, json }: FarRequest): FarAnswer {
    const method = path.replace(`${WEBHOOK}/`, '');
    this.methods.push(method);
    return { body: { result: this.#do(method, isRecord(json) ? json : {}), time: { duration: 1 } } };
  }

  #do(method: string, { fields, values, filter }: JsonRecord): unknown {
    const entity = isRecord(fields) ? fields : {};
    if (method === 'crm.lead.add' || method === 'crm.contact.add') return 100 + this.leads.push(entity);
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
