import type { JsonRecord } from '../../src/events/json';
import type { FarAnswer, FarRequest } from '../support/http-stub';

/**
 * As much of Kommo as the example needs, as https://developers.kommo.com describes it: reference/contacts-list,
 * reference/complex-leads and reference/add-notes. Its search finds whatever holds the last digits, or the words.
 */
export class Kommo {
  /** What notes were added to: `leads/101`. */
  readonly notes: string[] = [];
  /** How many leads were made: 101, 102, … */
  made = 0;
  /** What was deleted. */
  gone = '';
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

  answer({ path }: FarRequest): FarAnswer {
    const { pathname, searchParams } = new URL(path, 'http://kommo.example');
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
      // The search does not find what was made: it lags behind.
      return { body: [{ id: 100 + this.made, contact_id: 200, company_id: null, request_id: ['0'], merged: false }] };
    }
    const [, owner = ''] = /^\/api\/v4\/(.+)\/notes$/.exec(pathname) ?? [];
    if (owner === this.gone) {
      const body = { title: 'Not found', type: 'https://httpstatus.es/404', status: 404, detail: 'Entity not found' };
      return { status: 404, headers: { 'content-type': 'application/problem+json' }, body };
    }
    this.notes.push(owner);
    return { body: { _embedded: { notes: [{ id: 1, entity_id: 1 }] } } };
  }
}
