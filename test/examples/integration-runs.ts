import type { FarAnswer, FarRequest } from '../support/http-stub';
import { nameIn, NAMES, phoneOf } from './failure-outcomes';
import type { FailureRun } from './failure-runs';

type Fields = Pick<FailureRun, 'canFail' | 'title'>;

const HUBSPOT = 'https://api.hubapi.com';
const isNote = ({ path }: FarRequest): boolean => /notes$|comment\.add$/.test(path);
/** The second of two requests fails, or the third of three. */
const failsAtNote = (name: string): Fields => ({ canFail: isNote, title: `${name}, at the note` });

/** The examples of CRMs, and of other places to which messages are forwarded. */
export const INTEGRATION_RUNS: readonly FailureRun[] = [
  { name: 'crm/rest', variables: rest },
  { name: 'crm/rest-robust', variables: rest },
  { name: 'forward/webhook', variables: (url) => ({ WEBHOOK_URL: `${url}/hook` }) },
  { name: 'scale/share-the-work', variables: (url) => ({ WORK_URL: `${url}/work` }) },
  {
    name: 'sheets/append',
    always: true,
    variables: (url) => ({ SHEET_URL: `${url}/exec` }),
    stores: ({ path }) => path === '/exec',
    answer: ({ path, headers: { host } }) =>
      path === '/exec' ? { status: 302, headers: { location: `http://${host}/answer` } } : { body: { ok: true } },
  },
  {
    name: 'files/save',
    always: true,
    variables: () => ({ FOLDER: 'files-of-failure-runs' }),
    message: (name, url) => ({
      type: 'image',
      message: {
        text: null,
        caption: `says outcome-${name}`,
        file: { link: `${url}/outcome-${name}.jpg`, name: 'a.jpg' },
      },
    }),
  },
  hubspot({}),
  { ...hubspot(failsAtNote('crm/hubspot')), always: true },
  bitrix24({}),
  { ...bitrix24(failsAtNote('crm/bitrix24')), always: true },
  kommo({}),
  kommo(failsAtNote('crm/kommo')),
];

function rest(url: string): Record<string, string> {
  return { TARGET_URL: `${url}/messages`, AUTHORIZATION: 'Bearer notarealsecret' };
}

function hubspot(fields: Fields): FailureRun {
  return {
    name: 'crm/hubspot',
    variables: () => ({ HUBSPOT_TOKEN: 'pat-notarealsecret' }),
    service: HUBSPOT,
    stores: isNote,
    answer: (request) => (isNote(request) ? { status: 201 } : { body: { results: [{ id: '501' }] } }),
    ...fields,
  };
}

function bitrix24(fields: Fields): FailureRun {
  return {
    name: 'crm/bitrix24',
    variables: (url) => ({ WEBHOOK: `${url}/rest/1/notarealsecret/` }),
    stores: isNote,
    outcomeOf: byNameOrPhone,
    answer: ({ path }) => ({ body: { result: path.includes('findbycomm') ? [] : 101 } }),
    ...fields,
  };
}

function kommo(fields: Fields): FailureRun {
  const answer = ({ path }: FarRequest): FarAnswer =>
    path.includes('/contacts?') ? { status: 204 } : { body: path.includes('/complex') ? [{ id: 101 }] : {} };
  return {
    name: 'crm/kommo',
    variables: (url) => ({ ACCOUNT: url, TOKEN: 'notarealsecret' }),
    stores: isNote,
    outcomeOf: byNameOrPhone,
    answer,
    ...fields,
  };
}

/** A search for a person names the phone only. */
function byNameOrPhone({ path, body }: FarRequest): string | undefined {
  const text = decodeURIComponent(path) + body;
  return nameIn(text) ?? NAMES.find((name) => text.includes(phoneOf(name)));
}
