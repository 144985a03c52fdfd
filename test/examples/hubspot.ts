import { isRecord, type JsonRecord } from '../../src/events/json';
import type { FarAnswer, FarRequest } from '../support/http-far-end';

export const CONTACTS = '/crm/v3/objects/contacts';
export const SEARCH = `${CONTACTS}/search`;
export const NOTES = '/crm/v3/objects/notes';

/** As much of HubSpot as the example needs. */
export class HubSpot {
  /** The properties of the contacts 501, 502, …; `undefined` where one was deleted. */
  readonly contacts: (JsonRecord | undefined)[] = [];
  /** The contacts of the notes. */
  readonly notes: string[] = [];
  /** The search does not find what was made. */
  lag = true;
  /** How late it answers, in ms. */
  slowness = 0;
  readonly #findable = new Set<number>();

  make(properties: JsonRecord, { findable }: { readonly findable: boolean }): number {
    const id = 500 + this.contacts.push(properties);
    if (findable) this.#findable.add(id);
    return id;
  }

  async answer({ path, json }: FarRequest): Promise<FarAnswer> {
    const answer = this.#do(path, recordOf(json));
    await new Promise((resolve) => setTimeout(resolve, this.slowness));
    return answer;
  }

  #do(path: string, { filterGroups, properties, associations }: JsonRecord): FarAnswer {
    if (path === CONTACTS) {
      const id = this.make(recordOf(properties), { findable: !this.lag });
      return { status: 201, body: { id: String(id), properties, archived: false } };
    }
    if (path === NOTES) {
      const [association] = Array.isArray(associations) ? associations.map(recordOf) : [];
      const id = String(recordOf(association?.to).id);
      if (!this.contacts[Number(id) - 501])
        return { status: 404, body: { status: 'error', category: 'OBJECT_NOT_FOUND' } };
      this.notes.push(id);
      return { status: 201, body: { id: '9001', properties, archived: false } };
    }
    const groups = Array.isArray(filterGroups) ? filterGroups.map(recordOf) : [];
    const filters = groups.flatMap((group) => (Array.isArray(group.filters) ? group.filters.map(recordOf) : []));
    const results = this.contacts.flatMap((contact, at) => {
      const fits = filters.some(({ propertyName, value, values }) => {
        const wanted = Array.isArray(values) ? values.map(String) : [value];
        return contact && wanted.includes(contact[String(propertyName)]);
      });
      return fits && this.#findable.has(501 + at) ? [{ id: String(501 + at), properties: contact }] : [];
    });
    return { body: { total: results.length, results } };
  }
}

/** The value, where it is an object, else an empty one. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}
