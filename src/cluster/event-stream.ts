import { EVENT_HEADER } from './event-message';
import { isConflict, jetStreamCode } from './failure';
import type { ReadyNats } from './nats-client';
import { loadNats } from './nats-options';
import type { EventStream } from './subject-publisher';

/** How long NATS has for an answer, in ms. */
const ANSWER_WITHIN = 2_000;
/** The message is larger than the stream takes. */
const TOO_LARGE = 10054;

/** The stream of events, as the leader publishes to it. */
export function eventStreamOf({ js, manager, names }: Pick<ReadyNats, 'js' | 'manager' | 'names'>): EventStream {
  return {
    async latest(subject) {
      const message = await manager.streams.getMessage(names.stream, { last_by_subj: subject });
      return message ? { sequence: message.seq, id: message.header.get('Nats-Msg-Id') } : undefined;
    },
    async publish({ subject, id, header, body }, after) {
      // New headers for each attempt: the client writes into them.
      const headers = loadNats().headers();
      headers.set(EVENT_HEADER, JSON.stringify(header));
      const expect = { lastSubjectSequence: after };
      try {
        const { seq } = await js.publish(subject, body, { msgID: id, headers, expect, timeout: ANSWER_WITHIN });
        return seq;
      } catch (error) {
        if (isConflict(error)) return undefined;
        if (isTooLarge(error)) throw new RangeError('The event is larger than NATS takes');
        throw error;
      }
    },
  };
}

function isTooLarge(error: unknown): boolean {
  return jetStreamCode(error) === TOO_LARGE || (error instanceof Error && error.name === 'InvalidArgumentError');
}
