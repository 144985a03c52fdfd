import type { ConsumerMessages } from 'nats';
import type { Clock } from '../clock';
import { Deadline } from '../deadline';
import type { ReadyEngine } from './engine';
import { Published } from './published';
import { newestOf } from './stream';
import { MARK_HEADER, readMark } from './wire';

/** How far back it is read at least, in ms: further than a copy that stands by keeps what it heard. */
const REACH = 30_000;
/** How far back it is read at most, in ms: further than anything is remembered here. */
const FARTHEST = 10 * 60_000;
/** How long it may take, in ms. */
const WITHIN = 10_000;
/** How many are on their way at a time. */
const AT_A_TIME = 5_000;

/**
 * Reads what was published last: the marks of all events since the positions were written, which tell what was before;
 * and at least those of the 30 s before the newest one.
 * @param saved when the positions were written, by the clock of NATS; absent where they never were
 * @throws Error where NATS does not answer, or not within 10 s
 */
export async function readTail(
  { js, manager, names }: Pick<ReadyEngine, 'js' | 'manager' | 'names'>,
  clock: Clock,
  saved = new Date(0),
): Promise<Published> {
  const published = new Published(clock);
  const newest = await newestOf(manager, names.stream, names.everyEvent);
  if (!newest) return published;
  const from = Math.min(newest.time.getTime(), saved.getTime()) - REACH;
  const consumer = await js.consumers.get(names.stream, {
    filterSubjects: names.everyEvent,
    opt_start_time: new Date(Math.max(from, newest.time.getTime() - FARTHEST)).toISOString(),
    headers_only: true,
  });
  const consuming = consumer.consume({ max_messages: AT_A_TIME });
  const deadline = new Deadline(clock, WITHIN, () => new Error('The tail of the stream could not be read in time'));
  try {
    await deadline.within(note(consuming, published, newest.seq));
    return published;
  } finally {
    deadline.end();
    const end = async (messages: ConsumerMessages): Promise<unknown> => [
      await messages.close(),
      await consumer.delete(),
    ];
    void consuming.then(end).catch(() => undefined);
  }
}

/** Notes all up to the number `last`. */
async function note(consuming: Promise<ConsumerMessages>, published: Published, last: number): Promise<void> {
  for await (const { seq, subject, headers } of await consuming) {
    const mark = readMark(headers?.get(MARK_HEADER) ?? '');
    if (mark) published.note(subject, mark);
    if (seq >= last) return;
  }
  throw new Error('The tail of the stream broke off');
}
