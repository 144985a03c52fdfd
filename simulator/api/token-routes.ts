import type { Account } from '../account';
import { isRecord, parseJson } from '../json';
import { type Answer, type Call, invalid, invalidToken, refusal, type Route, success } from './answer';
import type { TokenPair, Tokens } from './tokens';

export function tokenRoutes(account: Account, tokens: Tokens): Route[] {
  return [
    { method: 'POST', pattern: '/v1/tokens', needsToken: false, answer: (call) => make(call, account, tokens) },
    { method: 'POST', pattern: '/v1/tokens/refresh', needsToken: false, answer: (call) => refresh(call, tokens) },
    { method: 'GET', pattern: '/v1/tokens/check', needsToken: true, answer: (call) => check(call, tokens) },
  ];
}

function make(call: Call, account: Account, tokens: Tokens): Answer {
  const login = parseJson(call.body.toString());
  if (!isRecord(login)) return invalid('The body is not JSON.');
  for (const field of ['email', 'password', 'appId']) {
    if (typeof login[field] !== 'string' || login[field] === '') return invalid(`The ${field} field is required.`);
  }
  const isKnown = login.email === account.email && login.password === account.password && login.appId === account.appId;
  if (!isKnown) return refusal(401, 'ApiInvalidCredentialsError', 'Invalid credentials');
  return pairOr(tokens.make(), refusal(429, 'ApiTokenLimitError', 'No more tokens today'));
}

function refresh(call: Call, tokens: Tokens): Answer {
  const token = call.headers.refresh;
  return pairOr(typeof token === 'string' ? tokens.refresh(token) : undefined, invalidToken());
}

function check(call: Call, tokens: Tokens): Answer {
  const accessToken = call.headers.authorization ?? '';
  return success({ accessToken, accessTokenEndTime: tokens.endOf(accessToken) });
}

function pairOr(pair: TokenPair | undefined, otherwise: Answer): Answer {
  return pair ? success(pair) : otherwise;
}
