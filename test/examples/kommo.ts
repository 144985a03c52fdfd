import type { JsonRecord } from '../../src/events/json';
import type { FarAnswer, FarRequest } from '../support/http-far-end';

/** As much of Kommo as the example needs. Its search finds whatever holds the last digits, or the words. */
export class Kommo {
  /** What notes were added to: `leads/101`. */
  readonly notes: string[] = [];
  /** How many leads were made: 101, 102, … */
  made = 0;
  /** What was deleted. */
  gone = '';
  /** The search does not find what was made. */
  lag = true;
  /** How late it answers, in ms. */
  slowness = 0;
  readonly #contacts: JsonRecord[] = [];

  contact(name: string, phone: string, leads: readonly number[]): void {
    const phones = [{ field_id: 1, field_code: 'PHONE', values: [{ value: phone, enum_code: 'WORK' }] }];
    this.#contacts.push({
      id: 201 + this.#contacts.length,
      name,
      custom_fields_values: phone === '' ? null : phones,
      _embedded: { leads: leads.map((id) => ({ id })) },
    });
  }

  async answer({ path, json }: FarRequest): Promise<FarAnswer> {
    const answer = this.#do(new URL(path, 'http://kommo.example'), json);
    await new Promise((resolve) => setTimeout(resolve, this.slowness));
    return answer;
  }

  #do({ pathname, searchParams }: URL, json: unknown): FarAnswer {
    if (pathname === '/api/v4/contacts') {
      const wanted = searchParams.get('query') ?? '';
      const contacts = this.#contacts.filter((contact) => {
        const text = JSON.stringify(contact);
        return text.includes(wanted) || text.replace(/\D/g, '').includes(wanted);
      });
      if (contacts.length === 0) return { status: 204 };
      return { headers: { 'content-type': 'application/hal+json' }, body: { _page: 1, _embedded: { contacts } } };
    }
    if (pathname === '/api/v4/leads/complex') {
      this.made += 1;
      const id = 100 + this.made;
      if (!this.lag) this.contact(/"name":"([^"]*\(.*?\))"/.exec(JSON.stringify(json))?.[1] ?? '', '', [id]);
      return { body: [{ id, contact_id: 200 + this.made, company_id: null, request_id: ['0'], merged: false }] };
    }
    const [, owner = ''] = /^\/api\/v4\/(.+)\/notes$/.exec(pathname) ?? [];
    if (owner === this.gone) return problem(404, 'Entity not found');
    this.notes.push(owner);
    return { body: { _embedded: { notes: [{ id: 1, entity_id: 1 }] } } };
  }
}

/** How Kommo tells what it did not like. */
export function problem(status: number, detail: string): FarAnswer {
  const body = { title: 'Problem', type: 'https://httpstatus.es', status, detail };
  return { status, headers: { 'content-type': 'application/problem+json' }, body };
}
