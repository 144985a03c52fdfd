import type { ChatAddress } from '../api/chat-order';
import type { Clock } from '../clock';
import { ChatAppError } from '../errors';

/** In ms. */
const MINUTE = 60_000;

interface Chat {
  /** How many messages are accepted and not sent yet. */
  pending: number;
  /** When messages were sent within the last minute, in ms of the monotonic clock, oldest first. */
  readonly sent: number[];
}

/**
 * Counts the messages to each chat, so that a flow that answers itself does not flood a customer. A message counts from
 * the moment it is accepted until a minute after it was sent, or until it is known that it was not sent.
 */
export class ChatRate {
  /** The chat to which something was sent last comes last. */
  readonly #chats = new Map<string, Chat>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /**
   * Accepts one more message to a chat.
   * @param limit of messages to this chat within a minute; 0 = no limit
   * @returns to be called once it is known whether the message may have been sent
   * @throws ChatAppError `SEND_REFUSED`, reason `loop`, if the limit is reached
   */
  accept(address: ChatAddress, limit: number): (maySent: boolean) => void {
    this.#forget();
    const key = keyOf(address);
    const chat = this.#chats.get(key) ?? { pending: 0, sent: [] };
    const since = this.clock.monotonic() - MINUTE;
    while ((chat.sent[0] ?? Infinity) <= since) chat.sent.shift();
    const count = chat.pending + chat.sent.length;
    if (limit > 0 && count >= limit) throw ChatAppError.of('SEND_REFUSED', 'loop', { count, limit });
    chat.pending += 1;
    this.#touch(key, chat);
    return (maySent) => {
      chat.pending -= 1;
      if (maySent) chat.sent.push(this.clock.monotonic());
      this.#touch(key, chat);
    };
  }

  #touch(key: string, chat: Chat): void {
    this.#chats.delete(key);
    this.#chats.set(key, chat);
  }

  /** Forgets chats to which nothing was sent for a minute. */
  #forget(): void {
    const since = this.clock.monotonic() - MINUTE;
    for (const [key, { pending, sent }] of this.#chats) {
      if (pending > 0 || (sent.at(-1) ?? 0) > since) break;
      this.#chats.delete(key);
    }
  }
}

/** A phone and the ids that WhatsApp makes of it name the same chat. */
function keyOf({ licenseId, messengerType, chatId }: ChatAddress): string {
  return JSON.stringify([licenseId, messengerType, chatId.replace(/@(?:c\.us|s\.whatsapp\.net)$/i, '')]);
}
