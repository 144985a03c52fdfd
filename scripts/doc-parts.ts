import { figuresText } from '../bench/cluster/results';
import { faultsText } from '../bench/faults/results';
import { BENCH_TEXTS, readResults } from '../bench/speed/page';
import { CHANNEL_TYPES, isKnownEvent, type ChannelType } from '../src/events';
import { eventTable, historyTable } from './event-table';
import { fieldTable } from './field-table';
import { sampleMessage } from './sample-message';
import { typeTable } from './type-table';

/** What the texts take from the code, by the first word of the marks around it; the other words say of what. */
const PARTS: Readonly<Record<string, (words: readonly string[]) => Made | Promise<Made>>> = {
  /** `events`, or `events company` for those of one type of channel. */
  events: ([channel]) => {
    if (channel === undefined) return eventTable();
    return isChannelType(channel) ? eventTable(channel) : undefined;
  },
  /** Which events can be fetched, and of which duplicates are recognised. */
  history: () => historyTable(),
  types: () => typeTable(),
  /** The properties of a listener's message. */
  fields: () => fieldTable(),
  /** `bench goals`: what was measured last. */
  bench: async ([what = '']) => BENCH_TEXTS[what]?.(await readResults()),
  /** `cluster figures`: what was measured last with several copies of a flow. */
  cluster: ([what]) => (what === 'figures' ? figuresText() : undefined),
  /** `faults table`: what was measured last under each fault. */
  faults: ([what]) => (what === 'table' ? faultsText() : undefined),
  /** `sample company employeeStatus`: the listener and the event. */
  sample: ([listener = '', event = '']) =>
    isChannelType(listener) && isKnownEvent(event) ? sampleMessage(listener, event) : undefined,
};

/** In Markdown; `undefined` where nothing is known. */
type Made = string | undefined;

const PART = /^<!-- (\w+(?: \w+)*) -->\n[^]*?^<!-- \/\1 -->$/gm;
const MARK = /^<!-- (\/?\w+(?: \w+)*) -->$/gm;

/**
 * The text with every marked part made again. A part stands between the lines `<!-- name -->` and `<!-- /name -->`.
 * Throws where such a mark names nothing that is known, or stands alone.
 */
export async function withParts(text: string): Promise<string> {
  const made = new Map<string, string>();
  for (const [, name = ''] of text.matchAll(PART)) {
    const [kind = '', ...words] = name.split(' ');
    const part = await PARTS[kind]?.(words);
    if (part === undefined) {
      throw new Error(`Nothing is known that could stand between <!-- ${name} --> and <!-- /${name} -->.`);
    }
    made.set(name, part);
  }
  const renewed = text.replace(
    PART,
    (_, name: string) => `<!-- ${name} -->\n\n${made.get(name) ?? ''}\n<!-- /${name} -->`,
  );
  const marks = [...renewed.matchAll(MARK)].map(([, mark = '']) => mark);
  const alone = marks.find((mark, at) =>
    mark.startsWith('/') ? marks[at - 1] !== mark.slice(1) : marks[at + 1] !== `/${mark}`,
  );
  if (alone !== undefined) throw new Error(`The mark <!-- ${alone} --> stands alone.`);
  return renewed;
}

function isChannelType(word: string): word is ChannelType {
  return CHANNEL_TYPES.some((type) => type === word);
}
