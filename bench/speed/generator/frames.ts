import { channelName, eventsOf, sampleEnvelope, isKnownEvent, type MessengerAddress } from '../../../src/events';

/** What begins and ends a run: every subject wants these, and they are known by their names alone. */
export const BEGIN = 'benchBegin';
export const END = 'benchEnd';
/** A frame this short, in bytes, is one of the two: by that even a subject knows them that parses nothing. */
export const SHORT_FRAME = 200;

/** How long the text of a message is so that its frame's data has about 2.4 KB, as ChatApp's have. */
const TEXT = 'Здравствуйте! Подскажите, пожалуйста, когда привезут мой заказ? https://example.com/orders/4711 ';
const TEXT_LENGTH = 130;

/** Which events a run is made of; with `bytes`, of bare messages whose frames are that long. */
export type Mix = 'messages' | 'all' | { readonly bytes: number };

/**
 * The frames of a run, all different: number `from` and the `count - 1` after it, on the lines in turns. What is mixed
 * is mixed on the first line only.
 */
export function framesOf(
  addresses: readonly [MessengerAddress, ...MessengerAddress[]],
  mix: Mix,
  from: number,
  count: number,
): string[] {
  const templates =
    mix === 'all'
      ? eventsOf('messenger').map(({ name }) => template(name, addresses[0]))
      : addresses.map((address) => (mix === 'messages' ? template('message', address) : sized(mix.bytes, address)));
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return (templates[number % templates.length] ?? '').replaceAll(PLACE, String(number));
  });
}

/**
 * Makes messages, each with a number and with the time that `sentAt` gives: in µs of the machine's monotonic clock,
 * which is the same in all its processes. They carry it as `sentAt`.
 */
export function timedFrames(address: MessengerAddress): (number: number, sentAt: number) => string {
  const made = template('message', address);
  return (number, sentAt) => made.replaceAll(PLACE, String(number)).replaceAll(String(UNTIMED), String(sentAt));
}

/** A frame that begins or ends a run. */
export function signal(address: MessengerAddress, event: typeof BEGIN | typeof END): string {
  return frame(event, channelName(address), { data: [{}], meta: {} });
}

/** What stands for the time of sending in frames that are made beforehand. */
export const UNTIMED = 876543219;
/** Stands where each frame has its number. Digits, so that numbers in JSON stay numbers. */
const PLACE = '987654321';

function template(event: string, address: MessengerAddress): string {
  if (!isKnownEvent(event)) throw new Error(`There is no event ${event}`);
  const { data, meta } = sampleEnvelope(event, address);
  const [first] = data;
  const item = { ...first, id: `false_79990001122@c.us_3EB0${PLACE}`, internalId: Number(PLACE), sentAt: UNTIMED };
  if (event === 'message') Object.assign(item, { message: { text: TEXT.repeat(2).slice(0, TEXT_LENGTH) } });
  return frame(event, channelName(address), { data: [item], meta });
}

/** A message with nothing but what a message must have, and a text that fills its frame up to `bytes`. */
function sized(bytes: number, address: MessengerAddress): string {
  const withText = (text: string): string => {
    const item = { id: PLACE, time: 1_700_000_000, chat: { id: 1 }, message: { text } };
    return frame('message', channelName(address), { data: [item], meta: {} });
  };
  const missing = bytes - withText('').length;
  if (missing < 0) throw new Error(`No message has a frame of ${bytes} bytes`);
  return withText('x'.repeat(missing));
}

/** As ChatApp's socket writes it: the envelope wrapped, and escaped as PHP does. */
function frame(event: string, channel: string, envelope: object): string {
  const data = asPhp(JSON.stringify({ queue: 'socket', payload: envelope }));
  return JSON.stringify({ event, channel, data });
}

function asPhp(json: string): string {
  return json
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
