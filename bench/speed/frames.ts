import { channelName, sampleEnvelope, type MessengerAddress } from '../../src/events';

/** Begin and end of a run, and the question for the heap: events of these names, which every subject listens to. */
export const BEGIN = 'benchBegin';
export const END = 'benchEnd';
export const HEAP = 'benchHeap';

/** A text that gives a message's data about 2.4 KB, as ChatApp's have. */
const TEXT = 'Здравствуйте! Подскажите, пожалуйста, когда привезут мой заказ? https://example.com/orders/4711 '
  .repeat(2)
  .slice(0, 130);
/** In as many chats messages are written in turn. */
const CHATS = 100;
/** Digits that stand for a message's number and chat: numbers in JSON stay numbers. */
const NUMBER = '987654321';
const CHAT = '79987654320';

/** The line with this number, from 0. */
export function lineAddress(number: number): MessengerAddress {
  return { type: 'messenger', licenseId: String(60_000 + number), messengerType: 'grWhatsApp' };
}

/** Makes frames of messages, all different, with so many items each. */
export function messageFrames(line: number, items = 1): (count: number, from: number) => Buffer[] {
  const address = lineAddress(line);
  const { data, meta } = sampleEnvelope('message', address);
  const [sample] = data;
  const item = JSON.stringify({
    ...sample,
    id: `false_79990001122@c.us_3EB0${NUMBER}`,
    internalId: Number(NUMBER),
    message: { ...sample?.message, text: TEXT },
    chat: { ...sample?.chat, id: CHAT },
  });
  // What is the same in all of them is escaped once: making frames must not take longer than reading them.
  const text = textOf('message', address, escaped({ data: ['ITEMS'], meta }));
  const [before = '', after = ''] = text.split(String.raw`[\"ITEMS\"]`);
  const parts = JSON.stringify(asPhp(item))
    .slice(1, -1)
    .split(new RegExp(`(${NUMBER}|${CHAT})`));
  const itemText = (number: number): string => {
    const chat = String(79_990_001_100 + (number % CHATS));
    return parts.map((part) => (part === NUMBER ? String(number) : part === CHAT ? chat : part)).join('');
  };
  return (count, from) =>
    Array.from({ length: count }, (_, index) => {
      const numbers = Array.from({ length: items }, (_, at) => from + index * items + at);
      return onTheWire(`${before}[${numbers.map(itemText).join()}]${after}`);
    });
}

/** A frame that is no message: begin, end or heap. */
export function signalFrame(line: number, event: string, item: object): Buffer {
  return onTheWire(textOf(event, lineAddress(line), escaped({ data: [item], meta: {} })));
}

function textOf(event: string, address: MessengerAddress, data: string): string {
  return JSON.stringify({ event, channel: channelName(address), data });
}

/** A text frame of the WebSocket protocol as a server sends it. */
function onTheWire(text: string): Buffer {
  const body = Buffer.from(text);
  const size = body.length;
  const head = Buffer.alloc(size < 126 ? 2 : size > 0xffff ? 10 : 4);
  head[0] = 0x81;
  head[1] = size < 126 ? size : size > 0xffff ? 127 : 126;
  if (size > 0xffff) head.writeBigUInt64BE(BigInt(size), 2);
  else if (size >= 126) head.writeUInt16BE(size, 2);
  return Buffer.concat([head, body]);
}

/** As ChatApp's socket writes it: the envelope wrapped, and escaped as PHP does. */
function escaped(envelope: object): string {
  return asPhp(JSON.stringify({ queue: 'socket', payload: envelope }));
}

function asPhp(json: string): string {
  return json
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
