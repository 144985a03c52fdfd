import type { JetStreamManager, StoredMsg } from 'nats';
import type { ReadyEngine } from './engine';
import { loadNats } from './nats';
import { MARK_HEADER, writeMark, type Mark } from './wire';

/** How long NATS has for an answer, in ms. */
const ANSWER_WITHIN = 2_000;
/** How NATS says that there is no such message. */
const NO_MESSAGE = '404';
/** How nats.js says that a message is larger than the server takes. */
const TOO_LARGE = 'MAX_PAYLOAD_EXCEEDED';

export interface Post {
  readonly subject: string;
  /** The same for each try, and on all copies if the item has a key: NATS takes it once within two minutes. */
  readonly id: string;
  readonly mark: Mark;
  readonly bytes: Uint8Array;
}

/** The stream of events, as those who publish see it. */
export interface EventStream {
  /** The newest message of a subject. */
  newest(subject: string): Promise<{ readonly seq: number; readonly id: string } | undefined>;
  /**
   * Publishes if `after` is the number of the subject's newest message, or 0 where it has none: what somebody else has
   * published meanwhile is never passed by unseen. Resolves with the number of the message.
   * @throws RangeError where it is larger than NATS takes
   */
  publish(post: Post, after: number): Promise<number>;
}

export function eventStream({ js, manager, names }: Pick<ReadyEngine, 'js' | 'manager' | 'names'>): EventStream {
  return {
    async newest(subject) {
      const message = await newestOf(manager, names.stream, subject);
      return message && { seq: message.seq, id: message.header.get('Nats-Msg-Id') };
    },
    async publish({ subject, id, mark, bytes }, after) {
      const headers = loadNats().headers();
      headers.set(MARK_HEADER, writeMark(mark));
      const expect = { lastSubjectSequence: after };
      try {
        const { seq } = await js.publish(subject, bytes, { msgID: id, headers, expect, timeout: ANSWER_WITHIN });
        return seq;
      } catch (error) {
        if (codeOf(error) === TOO_LARGE) throw new RangeError('The event is larger than NATS takes');
        throw error;
      }
    },
  };
}

/** The newest message of a subject, which may have wildcards. */
export async function newestOf(
  manager: JetStreamManager,
  stream: string,
  subject: string,
): Promise<StoredMsg | undefined> {
  try {
    return await manager.streams.getMessage(stream, { last_by_subj: subject });
  } catch (error) {
    if (codeOf(error) === NO_MESSAGE) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
