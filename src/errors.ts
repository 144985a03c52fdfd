/**
 * The closed list of what can go wrong, each with its causes and what to do about it.
 *
 * A code is what flows decide by (`msg.error.code`); a reason tells its cause apart and is the key under which
 * translations stand. `{name}` in a text is filled from the error's `params`. Texts never hold a token or a password. The
 * only words of a server are ChatApp's own message about a refusal: the param `words`, which follows the text, marked. What
 * a flow says about its own failure follows in the same way: the param `cause`.
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
    inactive: 'All lines that fit {wanted} are inactive. Renew a line in ChatApp, or choose another.',
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
  CLUSTER_FAILED: {
    unreachable: 'NATS at {hosts} cannot be reached since {since} ({status}). Events wait; it is tried until it works.',
    refused: 'NATS at {hosts} refuses the login ({status}). Check the NATS login of the connection.',
    denied:
      'NATS at {hosts} does not let its user use {subject}. Give the user of the connection this permission in NATS.',
    noJetStream: 'NATS at {hosts} has no JetStream. Start its servers with JetStream enabled.',
    full: 'NATS at {hosts} has no room left ({status}). Give its JetStream more storage, or lower “Hours kept” in the connection.',
    limits:
      'NATS at {hosts} allows no more streams or consumers ({status}). Raise the limits of its account, or delete what nobody uses.',
    replicas:
      'NATS at {hosts} has too few servers for the copies to keep ({status}). Add servers, or lower “Copies kept” in the connection.',
    unreadable:
      'The value {key} in the bucket {bucket} of NATS at {hosts} cannot be read. Delete it in NATS; the Node-REDs write it again.',
    storage: 'NATS at {hosts} cannot keep the events ({status}). Check its log and the limits of its streams.',
  },
  DELIVERY_FAILED: {
    attempts:
      'The flow did not finish an event "{event}" of {channel} in {attempts} attempts. It is kept as a dead letter. Check the flow behind the listener; the message is attached to this error.',
    gaveUp:
      'The flow gave up an event "{event}" of {channel} in attempt {attempts}: another one would fail in the same way. It is kept as a dead letter; the message is attached to this error.',
  },
  STORE_FAILED: {
    unavailable:
      'Nothing can be stored in {folder} ({problem}). Events, logins and webhook secrets are kept in memory until that works.',
    full: 'Nothing can be stored in {folder}: the disk is full. Events, logins and webhook secrets are kept in memory until that works.',
    almostFull:
      'More than 80 % of the {megabytes} MB are used that may wait in this connection. Beyond that, the oldest events are dropped. Check why flows do not take them.',
    memoryAlmostFull:
      'Nothing can be stored, and more than 80 % of what may wait in memory is used: {limit} events or {megabytes} MB. Beyond that, the oldest events are dropped. Free the disk.',
    corrupt:
      '{count} records in {folder} are damaged and left out: events may be missing, and a new login may be needed. Check the disk.',
  },
  WEBHOOK_TAKEN: {
    other: 'The webhook of {line} belongs to {host}. It is left alone: replace it in the connection, or there.',
  },
  WEBHOOK_FAILED: {
    probe: 'ChatApp does not accept our webhook for {line} ({status}). Check that it can reach {host} from outside.',
    refused: 'ChatApp refuses our webhook for {line} ({status}). Check that this account may change the line.',
    events:
      'ChatApp does not send these events of {line} by webhook: {events}. Choose “Socket and webhooks” or “Socket” in the connection.',
  },
  CONFIG_INVALID: {
    missing: '{field} is missing: {wanted}.',
    missingFields: 'These fields are missing: {fields}. Fill them in, then deploy.',
    malformed: '{field} is not usable: {wanted}.',
  },
  PAYLOAD_INVALID: {
    unreadable: 'An event "{event}" on {channel} could not be read: {problem}.',
  },
  RECOVERY_FAILED: {
    tooOld: 'Messages of {channel} from {from} to {to} are missing: more than {hours} h are not fetched.',
    tooMany: 'More than {limit} messages of {channel} were missed from {from} to {to}: {count} chats are incomplete.',
    overflow:
      '{count} events that waited for this listener were dropped, the oldest first: nothing can be stored, and more than {limit} events or {megabytes} MB wait in memory.',
    full: '{count} events that waited for this listener were dropped, the oldest first: more than {megabytes} MB wait in this connection. Check why flows do not take them.',
    outdated:
      '{count} events that waited for this listener for more than {hours} h were dropped. Check why the flow does not take them, or raise “Hours kept” in the connection.',
    deadLetters:
      '{count} dead letters were removed, the oldest first: a connection keeps {limit} of them, with at most {megabytes} MB, for {hours} h.',
    unwanted: '{count} events that waited for this listener were dropped: its filter does not want them any more.',
    removed: '{count} events that waited for a deleted listener were dropped.',
    refused: 'Messages of {channel} from {from} to {to} are missing: ChatApp refuses its history ({status}).',
    noProgress:
      "Messages of {channel} from {from} to {to} may be missing: ChatApp's history repeats a page or does not end.",
    chatsRefused:
      'Messages of {channel} from {from} to {to} are missing: ChatApp refuses the messages of {count} chats ({status}).',
    untimed:
      'Messages of {channel} from {from} to {to} may be missing: ChatApp gives no time for {count} more chats; {limit} such chats are read.',
    role: 'Messages of {channel} from {from} to {to} may be missing: an employee channel follows the role, and only chats seen there or assigned to this user are fetched.',
    noHistory: 'Events without a history ({events}) may be missing between {from} and {to}.',
    expired:
      '{count} events for this listener were dropped by NATS: they waited there for more than {hours} h, or its stream was purged. Check why the flow does not take them, or raise “Hours kept” in the connection.',
    tooLarge:
      '{count} events were dropped: NATS takes no messages of their size. Raise max_payload in the configuration of NATS.',
    leftBehind:
      '{count} events wait in NATS, which this connection does not use any more. Fill in “NATS servers” again to get them, or delete the stream in NATS.',
    unkept: '{count} events were dropped: more than {limit} came while NATS could not be reached.',
  },
  API_FAILED: {
    unreachable: '{host} cannot be reached ({status}). Check network, proxy and API URL.',
    timeout: '{host} did not answer within {seconds} s.',
    refused: 'ChatApp answered {path} with status {status}{apiCode}.',
    closed: 'The connection to {host} was closed while a request was under way.',
    tooLarge: 'ChatApp answered {path} with more than {megabytes} MB. Check the API URL and the proxy.',
    unreadable: 'ChatApp answered {path} with something that is not its API. Check the API URL and the proxy.',
    noProgress:
      "ChatApp's list {path} repeats a page or does not end. What it has beyond that is missing. Tell ChatApp's support.",
    uncertain:
      '{method} {path} may or may not have been carried out: it left, and no clear answer came ({status}). Check that in ChatApp before you repeat it.',
    noValue: 'Nothing was asked: {field} is missing. Enter it in the API node, or set it in the msg.',
    badValue: 'Nothing was asked: {field} is not usable. Check it in the API node and in the msg.',
    tooMany:
      "ChatApp's list {path} has more than {limit} entries. Choose “One msg per page” in the API node, or set a limit.",
  },
  SEND_REFUSED: {
    noChat:
      'Nothing was sent: no chat is given. Choose one in the node, or set msg.chatId; what a listener sends has it.',
    noLine:
      'Nothing was sent: no line or no messenger is given. Choose both in the node; what a listener sends has them.',
    noAddress:
      'Nothing was sent: line, messenger and chat are missing. Choose them in the node; what a listener sends has them.',
    chatList:
      'Nothing was sent: one chat per message; this is a list. Send a message of its own to each chat, for instance through a split node.',
    badChat: 'Nothing was sent: the chat is not usable. It is an id without blanks, or a phone with its country code.',
    badLine:
      'Nothing was sent: {field} is not usable. A line is made of digits, a messenger type of letters and digits.',
    noText: 'Nothing was sent: there is no text. Enter a text in the send node, or set msg.payload.',
    noFile: 'Nothing was sent: there is no file. Enter its address in the send node, or set msg.payload.file.',
    noTemplate: 'Nothing was sent: there is no template. Choose one in the send node, or set msg.payload.template.',
    badField: 'Nothing was sent: {field} has no usable value for this message. Check this field of the send node.',
    empty: 'Nothing was sent: the text is empty. Enter one in the send node, or put it into msg.payload.',
    tooLong:
      'Nothing was sent: the text has {length} characters, and {most} are allowed. Split it, or send it as a file.',
    badPayload:
      'Nothing was sent: msg.payload is not what the action {action} needs. The help of the node shows its forms.',
    badFile:
      'Nothing was sent: the file is neither an http or https address nor a Buffer with something in it. Check it in the send node, or in msg.payload.file.',
    noFileName:
      'Nothing was sent: the file has no name. Enter one in the send node, with its ending, as offer.pdf, or set msg.payload.fileName.',
    fileTooLarge: 'Nothing was sent: the file has {size} MB, and {most} MB are allowed. Send a link to it as text.',
    badTemplate:
      'Nothing was sent: msg.payload.template needs an id, and its params have to be a list of texts. You can choose the template in the send node instead.',
    unknownLine:
      'Nothing was sent: this account has no line {line} with the messenger {messenger}. Check both, and the account.',
    unknownChat:
      'Nothing was sent: ChatApp does not know the chat in line {line}, {messenger}. Check the chat, or the phone.',
    windowClosed: 'Nothing was sent: the customer has not written for 24 hours. Send a template first.',
    templateRefused:
      'Nothing was sent: ChatApp refuses the template (status {status}{apiCode}). Check its id and params.',
    fileRefused:
      'Nothing was sent: ChatApp refuses the file (status {status}{apiCode}). Check its type, size and address.',
    forbidden:
      'Nothing was sent: ChatApp does not let this account write in line {line}, {messenger} (status {status}{apiCode}).',
    refused: 'Nothing was sent: ChatApp refuses it (status {status}{apiCode}). Check what is sent, and the chat.',
    busy: 'Nothing was sent: {count} messages wait already. Send more slowly, for instance through a delay node.',
    closed: 'Nothing was sent: the connection was closed before its turn came. Send it again.',
    loop: 'Nothing was sent: {count} messages went to this chat within a minute, and {limit} are allowed. A loop looks like this: the flow answers its own messages. Choose “Incoming only” in the listener, or raise “Limit per minute” in the send node.',
  },
  SEND_UNCERTAIN: {
    timeout:
      'It may or may not have been sent: {host} did not answer within {seconds} s. Check the chat before you send it again.',
    lost: 'It may or may not have been sent: the connection to {host} broke off ({status}). Check the chat before you send it again.',
    server:
      'It may or may not have been sent: ChatApp answered with status {status}{apiCode}. Check the chat before you send it again.',
    unreadable:
      'It may or may not have been sent: the answer is not of the ChatApp API. Check the chat, the API URL and the proxy.',
    closed:
      'It may or may not have been sent: the connection was closed before the answer. Check the chat before you send it again.',
  },
} as const satisfies Record<string, Record<string, string>>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorReason<C extends ErrorCode> = keyof (typeof ERRORS)[C] & string;
export type ErrorParams = Readonly<Record<string, string | number>>;

/** What leaves us without a token: nothing goes until someone acts. */
export const TOKEN_FAILURES: ReadonlySet<ErrorCode> = new Set(['TOKEN_INVALID', 'LOGIN_REFUSED', 'TOKEN_QUOTA']);

/** An error out of the closed list, safe to show and to log. */
export class ChatAppError extends Error {
  override readonly name = 'ChatAppError';

  protected constructor(
    readonly code: ErrorCode,
    readonly reason: string,
    readonly params: ErrorParams,
    text: string,
  ) {
    const words = params.words ? ` ChatApp says: “${params.words}”` : '';
    super(fill(text, params) + words + (params.cause ? ` Reason: ${params.cause}` : ''));
  }

  /** Makes the error `code` for `reason`; `params` fill the `{name}` places of its text. */
  static of<C extends ErrorCode>(code: C, reason: ErrorReason<C>, params: ErrorParams = {}): ChatAppError {
    const texts: Readonly<Record<string, string>> = ERRORS[code];
    return new ChatAppError(code, reason, params, texts[reason] ?? code);
  }
}

/** What an error says in English, without what servers and flows say themselves. */
export function englishText({ code, reason, params }: Pick<ChatAppError, 'code' | 'reason' | 'params'>): string {
  const texts: Readonly<Record<string, string>> = ERRORS[code];
  return fill(texts[reason] ?? code, params);
}

function fill(text: string, params: ErrorParams): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(params[name] ?? place));
}
