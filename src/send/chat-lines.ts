import { ChatAppError } from '../errors';

/** How many orders may wait for one chat; and how many all chats of a connection may have, those that run included. */
export const MAX_WAITING_PER_CHAT = 1_000;
export const MAX_WAITING = 10_000;

interface Turn {
  readonly take: () => void;
  readonly refuse: (error: ChatAppError) => void;
}

/** Keeps the order within each chat: a task begins when the one before it has ended. Chats do not wait for each other. */
export class ChatLines {
  /** The chats in which a task runs, with those that wait behind it. */
  readonly #lines = new Map<string, Turn[]>();
  /** How many run or wait: a chat has one that runs, and there is no end of chats. */
  #count = 0;

  /**
   * Runs `task` when the chat's turn comes to it, and settles as it does.
   * @throws ChatAppError `SEND_REFUSED` where too many wait already
   */
  run<T>(chat: string, task: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(chat);
    if ((line?.length ?? 0) >= MAX_WAITING_PER_CHAT || this.#count >= MAX_WAITING) {
      return Promise.reject(
        ChatAppError.of('SEND_REFUSED', 'busy', { count: Math.max(line?.length ?? 0, this.#count) }),
      );
    }
    this.#count += 1;
    return new Promise((resolve, reject) => {
      const take = (): void =>
        void task()
          .then(resolve, reject)
          .finally(() => this.#next(chat));
      if (line) {
        line.push({ take, refuse: reject });
      } else {
        this.#lines.set(chat, []);
        take();
      }
    });
  }

  /** Whether anything waits behind the task that runs for this chat. */
  isWanted(chat: string): boolean {
    return (this.#lines.get(chat)?.length ?? 0) > 0;
  }

  /** Refuses all that wait; what runs goes on. */
  clear(error: ChatAppError): void {
    for (const line of this.#lines.values()) {
      this.#count -= line.length;
      for (const { refuse } of line.splice(0)) refuse(error);
    }
  }

  #next(chat: string): void {
    this.#count -= 1;
    const turn = this.#lines.get(chat)?.shift();
    if (!turn) {
      this.#lines.delete(chat);
      return;
    }
    turn.take();
  }
}
