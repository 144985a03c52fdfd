/**
 * The closed list of what can go wrong, each with its causes and what to do about it.
 *
 * A code is what flows decide by (`msg.error.code`); a reason tells its cause apart and is the key under which
 * translations stand. `{name}` in a text is filled from the error's `params`. Texts never hold a token, a password
 * or words of a server: those may be anything.
 */
export const ERRORS = {
  TOKEN_INVALID: {
    pasted: 'The access token is not valid any more. Paste a new one, or log in with email, password and app id.',
    refresh: 'Access and refresh token are not valid any more. Paste a new pair, or log in with email and password.',
    account: 'ChatApp refuses the access token that it has just issued. Check that the account is active.',
  },
  LOGIN_REFUSED: {
    credentials: 'ChatApp refuses the login. Check email, password and app id in the connection.',
  },
  TOKEN_QUOTA: {
    tokens: 'ChatApp issues no more tokens for this account now. Next try at {nextTry}.',
  },
  CHANNEL_REFUSED: {
    noLine: 'This account has no line that fits {wanted}. Check line and messenger, and the account.',
    forbidden: 'ChatApp refuses {channel}. Check its ids, and that this account may read it.',
    signature: 'The socket server refuses the signature for {channel}. Check the app key of the connection.',
  },
  CONNECTION_REFUSED: {
    appKey: 'The socket server refuses the connection ({status}). Check the app key of the connection.',
    address: 'The socket server does not answer as one ({status}). Check the socket URL of the connection.',
    certificate: 'The certificate of {host} is not trusted ({status}). Choose a TLS configuration with its CA.',
  },
  CONNECTION_LOST: {
    outage: 'No connection to {host} since {since} ({status}). It is tried again until it works.',
  },
  CONFIG_INVALID: {
    missing: '{field} is missing: {wanted}.',
    malformed: '{field} is not usable: {wanted}.',
  },
  PAYLOAD_INVALID: {
    unreadable: 'An event "{event}" on {channel} could not be read: {problem}.',
  },
  RECOVERY_FAILED: {
    tooOld: 'Messages of {channel} from {from} to {to} are missing: more than {hours} h are not fetched.',
    tooMany: 'More than {limit} messages of {channel} were missed from {from} to {to}: {count} chats are incomplete.',
    overflow: '{count} events were dropped: more than {limit} came within the seconds of a deploy.',
    refused: 'Messages of {channel} from {from} to {to} are missing: ChatApp refuses its history ({status}).',
  },
  API_FAILED: {
    unreachable: '{host} cannot be reached ({status}). Check network, proxy and API URL.',
    timeout: '{host} did not answer within {seconds} s.',
    refused: 'ChatApp answered {path} with status {status}{apiCode}.',
    closed: 'The connection to {host} was closed while a request was under way.',
    unreadable: 'ChatApp answered {path} with something that is not its API. Check the API URL and the proxy.',
  },
} as const satisfies Record<string, Record<string, string>>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorReason<C extends ErrorCode> = keyof (typeof ERRORS)[C] & string;
export type ErrorParams = Readonly<Record<string, string | number>>;

/** An error out of the closed list, safe to show and to log. */
export class ChatAppError extends Error {
  override readonly name = 'ChatAppError';

  protected constructor(
    readonly code: ErrorCode,
    readonly reason: string,
    readonly params: ErrorParams,
    text: string,
  ) {
    super(fill(text, params));
  }

  /** Makes the error `code` for `reason`; `params` fill the `{name}` places of its text. */
  static of<C extends ErrorCode>(code: C, reason: ErrorReason<C>, params: ErrorParams = {}): ChatAppError {
    const texts: Readonly<Record<string, string>> = ERRORS[code];
    return new ChatAppError(code, reason, params, texts[reason] ?? code);
  }
}

function fill(text: string, params: ErrorParams): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(params[name] ?? place));
}
