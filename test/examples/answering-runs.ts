import type { FarAnswer, FarRequest } from '../support/http-stub';
import { EXPECTED_OF_ANSWERS, EXPECTED_WITH_SUBSTITUTE } from './failure-outcomes';
import type { FailureRun } from './failure-runs';

const isSend = ({ method, path }: FarRequest): boolean => method === 'POST' && path.endsWith('/messages/text');
const isAi = ({ path }: FarRequest): boolean => path === '/ai';

/** What an example that answers has in common with others: the server that fails is ChatApp. */
const ANSWERS = {
  variables: () => ({}),
  canFail: isSend,
  stores: isSend,
  refusal: asChatApp,
  answer: passOn,
  change: (node, url) => (node.type === 'chatapp-connection' ? { ...node, apiUrl: url } : node),
  expected: EXPECTED_OF_ANSWERS,
} satisfies Omit<FailureRun, 'name'>;
const AI: FailureRun = {
  ...ANSWERS,
  name: 'answer/ai',
  variables: (url) => ({ AI_URL: `${url}/ai`, AI_KEY: 'sk-1', PERSON_WORD: 'person' }),
};

/** The examples that answer customers. */
export const ANSWERING_RUNS: readonly FailureRun[] = [
  { ...ANSWERS, name: 'answer/auto-reply', always: true, reporter: 'reply' },
  { ...ANSWERS, name: 'answer/out-of-hours', variables: () => ({ DAYS: '' }), reporter: 'answer' },
  { ...ANSWERS, name: 'answer/menu-bot' },
  AI,
  { ...AI, title: 'answer/ai, at the AI', canFail: isAi, refusal: undefined, expected: EXPECTED_WITH_SUBSTITUTE },
];

/** A failure as ChatApp words it. */
function asChatApp({ body = '', ...answer }: FarAnswer): FarAnswer {
  return { ...answer, body: { success: false, error: { code: 'ApiError', message: body } } };
}

/** What ChatApp answers, or the AI. */
async function passOn(request: FarRequest, chatapp: string): Promise<FarAnswer> {
  if (isAi(request)) return { body: { choices: [{ message: { role: 'assistant', content: 'At nine.' } }] } };
  const { method, path, body } = request;
  const wanted = ['authorization', 'content-type', 'refresh', 'lang'];
  const headers = Object.entries(request.headers).filter(
    (header): header is [string, string] => wanted.includes(header[0]) && typeof header[1] === 'string',
  );
  const answer = await fetch(chatapp + path, { method, headers, ...(body !== '' && { body }) });
  const type = answer.headers.get('content-type') ?? '';
  return { status: answer.status, headers: { 'content-type': type }, body: await answer.text() };
}
