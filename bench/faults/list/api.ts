import type { ApiAnswer, ApiPart, Simulator } from '../../../simulator';
import { type Fault, lastingFault } from '../fault';

const SERVER_ERROR: ApiAnswer = { status: 500, body: '<html>Server Error</html>' };
const SLOW_DOWN: ApiAnswer = { status: 429, body: { success: false }, headers: { 'retry-after': '2' } };
const PARTS: readonly ApiPart[] = ['chats', 'messages'];
/** Minutes become seconds. */
const HURRY = { hurry: 100 };

/** Channels that cannot be authorised. */
export const AUTHORISATION: readonly Fault[] = [
  { ...parts('authorisation 500 for 60 s', ['authorisation'], SERVER_ERROR, 60_000), againWithin: 5 },
  parts('authorisation answers HTML, 4 s', ['authorisation'], { status: 200, body: '<html>Welcome</html>' }, 4_000),
  parts('authorisation answers null, 4 s', ['authorisation'], { status: 200, body: null }, 4_000),
  parts('authorisation never answers, 4 s', ['authorisation'], 'hang', 4_000),
  parts('authorisation takes 3 s', ['authorisation'], { delayMs: 3_000 }, 4_000),
  parts('authorisation 429, Retry-After 2, 4 s', ['authorisation'], SLOW_DOWN, 4_000),
  parts('authorisation 419, 4 s', ['authorisation'], { status: 419, body: {} }, 4_000),
  {
    ...parts('authorisation 403, 3 s (5 min take 3 s)', ['authorisation'], { status: 403, body: {} }, 3_000),
    tuning: HURRY,
  },
  {
    ...parts('authorisation 401, 3 s (5 min take 3 s)', ['authorisation'], { status: 401, body: '' }, 3_000),
    tuning: HURRY,
  },
];

/** Tokens that die. */
export const TOKENS: readonly Fault[] = [
  {
    name: 'access token expires, then a drop',
    happen: drops((it) => it.expireAccessToken()),
    check: (it) => counts(it, { logins: 1, refreshes: 1 }),
  },
  {
    name: 'access and refresh token expire, then a drop',
    happen: drops((it) => {
      it.expireAccessToken();
      it.expireRefreshToken();
    }),
    check: (it) => counts(it, { logins: 2, refreshes: 1 }),
  },
  ...[403, 401].map((status): Fault => {
    return {
      name: `access token expires, authorisation answers ${status} without a code`,
      happen: drops((it) => {
        it.faults.answerDeadTokensWith({ status, body: '<html>Forbidden</html>' });
        it.expireAccessToken();
      }),
      check: (it) => counts(it, { logins: 1, refreshes: 1 }),
    };
  }),
  {
    name: 'access token expires while the client is stopped',
    inFiles: true,
    async happen({ simulator, client, untilClient }) {
      const restarted = client.restart('clean', 1_500);
      simulator.expireAccessToken();
      await restarted;
      await untilClient(true, 10_000);
      return undefined;
    },
    check: (it) => counts(it, { logins: 1, refreshes: 1 }),
  },
];

/** Answers that are missing while the gap is to be filled. */
export const RECOVERY: readonly Fault[] = [
  parts('list of lines 500, 5 s', ['lines'], SERVER_ERROR, 5_000),
  parts('history 500 for 10 s', PARTS, SERVER_ERROR, 10_000),
  parts('history never answers, 5 s', PARTS, 'hang', 5_000),
  parts('history takes 1 s an answer, 6 s', PARTS, { delayMs: 1_000 }, 6_000),
  parts('history 429, Retry-After 2, 5 s', PARTS, SLOW_DOWN, 5_000),
  parts('messages answer HTML, 5 s', ['messages'], { status: 200, body: '<html>Welcome</html>' }, 5_000),
];

/** Parts of the API answer otherwise for `ms`, with a drop at the start, so that they are asked. */
function parts(name: string, which: readonly ApiPart[], answer: ApiAnswer, ms: number): Fault {
  const tell = (it: Simulator, reported: ApiAnswer | undefined): void => {
    for (const part of which) it.faults.answerWith(part, reported);
  };
  return {
    name,
    happen: lastingFault(
      ms,
      (it) => {
        tell(it, answer);
        it.dropAll();
      },
      (it) => tell(it, undefined),
    ),
  };
}

function drops(inject: (simulator: Simulator) => void): Fault['happen'] {
  return ({ simulator }) => {
    inject(simulator);
    simulator.dropAll();
    return Promise.resolve(undefined);
  };
}

/** Undefined where the account was asked for tokens exactly so often. */
function counts(it: Simulator, wanted: { logins: number; refreshes: number }): string | undefined {
  const logins = it.requestsTo('/v1/tokens').length;
  const refreshes = it.requestsTo('/v1/tokens/refresh').length;
  const isRight = logins === wanted.logins && refreshes === wanted.refreshes;
  return isRight ? undefined : `${logins} logins, ${refreshes} refreshes`;
}
