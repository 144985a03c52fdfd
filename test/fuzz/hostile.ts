import type { Seeded } from './seeded';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const GOOD_DATA = {
  queue: 'q',
  payload: {
    data: [
      { id: '17', time: 1763800000, side: 'in', type: 'text', message: { text: 'Ёлка 🌷' }, chat: { id: '7@c.us' } },
    ],
    meta: { type: 'message', licenseId: 50101, messengerType: 'telegram' },
  },
};
const EVENTS = [
  'message',
  'messageStatus',
  'chatTag',
  'chatRead',
  'unknownEvent',
  '',
  '__proto__',
  'constructor',
] as const;
/** No code that ends a socket: that would end the run. */
const ERROR_CODES = [0, -1, 4009, 3999, 4400, 1e300, null, '4001', {}, []] as const;

/** Values that code trips over, each as JSON text. */
export const HOSTILE_JSON = [
  'null',
  'true',
  '0',
  '-0',
  '1e999',
  '9007199254740993',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"data":null}',
  '{"data":[]}',
  '{"data":[null,1,"x",[]]}',
  '{"data":{},"meta":[]}',
  '{"payload":{"payload":{"payload":{"payload":{"data":[{}]}}}}}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"data":[{"__proto__":{"polluted":true},"id":{"toString":1},"chat":{"id":[]}}],"meta":{"__proto__":{"polluted":true}}}',
  '{"data":[{"id":{},"time":"never","chat":7,"fromApp":[],"edited":{}}],"meta":{"licenseId":{},"messengerType":[1]}}',
  '{"event":"message","event":"chatTag"}',
] as const satisfies [string, ...string[]];

/** JSON nested so deeply that careless recursion runs out of stack. */
export function deep(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** One frame that may be anything but the end of the socket. */
export function hostileFrame(random: Seeded): string | Buffer {
  const kind = random.below(20);
  if (kind === 0) return randomBytes(random);
  if (kind === 1) return `{"event":"message","channel":"${CHANNEL}","data":${deep(random.below(20_000))}}`;
  if (kind === 2) return errorFrame(random);
  if (kind === 3) return random.pick(HOSTILE_JSON);
  if (kind <= 8) return withHostileField(random);
  const text = goodFrame(random);
  return kind <= 16 ? mutated(text, random) : text;
}

function goodFrame(random: Seeded): string {
  const item = { ...GOOD_DATA.payload.data[0], id: String(random.below(1_000)) };
  const value = { ...GOOD_DATA, payload: { ...GOOD_DATA.payload, data: [item, item].slice(0, 1 + random.below(2)) } };
  const data = random.next() < 0.7 ? JSON.stringify(value) : value;
  return JSON.stringify({ channel: CHANNEL, event: random.pick(EVENTS), data });
}

function withHostileField(random: Seeded): string {
  const fields: Record<string, string> = {
    event: JSON.stringify(random.pick(EVENTS)),
    channel: JSON.stringify(CHANNEL),
    data: JSON.stringify(JSON.stringify(GOOD_DATA)),
  };
  const hostile = random.pick(HOSTILE_JSON);
  const field = random.pick(['event', 'channel', 'data', 'data', 'data', 'more']);
  // As a value, or as text within the text.
  fields[field] = random.next() < 0.5 ? hostile : JSON.stringify(hostile);
  return `{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;
}

function errorFrame(random: Seeded): string {
  const event = random.pick([
    'pusher:error',
    'pusher:subscription_error',
    'pusher:pong',
    'pusher:notReceived-of',
    'pusher:',
  ]);
  const code: unknown = random.pick(ERROR_CODES);
  const channel = random.pick([undefined, CHANNEL, null, 5, 'private-nobody']);
  const data = random.pick<unknown>([{ code }, JSON.stringify({ code }), null, [code], 'no']);
  return JSON.stringify({ event, channel, data });
}

/** A few characters removed, doubled or replaced. */
function mutated(text: string, random: Seeded): string {
  let result = text;
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) {
    const at = random.below(result.length);
    const length = random.below(6);
    const piece = random.pick([
      '',
      '"',
      '}',
      '{',
      '\\',
      ',',
      ':',
      '\u0000',
      'Ё',
      '🌷',
      'null',
      '-',
      result.slice(at, at + length),
    ]);
    result = result.slice(0, at) + piece + result.slice(at + length);
  }
  return isEnd(result) ? text : result;
}

/** A mutation may happen to be a frame of the protocol. */
function isEnd(text: string): boolean {
  return text.includes('pusher');
}

function randomBytes(random: Seeded): Buffer {
  return Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)));
}
