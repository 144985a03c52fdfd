import type { Broadcaster } from '../broadcaster';
import type { Envelope, MessageItem } from '../contract';
import type { SendOutcome } from '../faults/contract';
import { isRecord } from '../json';

const STEPS: Readonly<Record<SendOutcome, readonly (readonly string[])[]>> = {
  sent: [['sent']],
  delivered: [['sent'], ['delivered']],
  viewed: [['sent'], ['delivered'], ['viewed']],
  failed: [['failed']],
  silence: [],
  jumbled: [['viewed', 'delivered', 'sent']],
};

/** As the messenger says that nobody can be reached under a number. */
const FAILURE = {
  code: 131026,
  message: 'Message Undeliverable.',
  messageLang: {
    en: 'Message Undeliverable.',
    ru: 'Невозможно доставить сообщение.',
    pt: 'Mensagem não entregue.',
  },
};

interface StatusUpdatesOptions {
  readonly broadcaster: Broadcaster;
  /** In ms since the epoch. */
  readonly now: () => number;
  /** Before each status, in ms. */
  readonly delayMs: number;
}

/** Tells what becomes of messages that were sent, one `messageStatus` after the other. */
export class StatusUpdates {
  outcome: SendOutcome = 'viewed';
  readonly #rules: StatusUpdatesOptions;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(rules: StatusUpdatesOptions) {
    this.#rules = rules;
  }

  /** Its outcome is that of the moment; what is decided later is for later messages. */
  follow(licenseId: string, messengerType: string, item: MessageItem): void {
    this.#next(STEPS[this.outcome], (types) => {
      const time = Math.floor(this.#rules.now() / 1000);
      const meta = { type: 'messageStatus', licenseId: Number(licenseId), messengerType };
      const envelope: Envelope = { data: types.map((type) => statusItem(item, type, time)), meta };
      this.#rules.broadcaster.inMessenger(licenseId, messengerType, 'messageStatus', envelope);
    });
  }

  /** Nothing more is reported. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #next([step, ...rest]: readonly (readonly string[])[], tell: (types: readonly string[]) => void): void {
    if (!step) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      tell(step);
      this.#next(rest, tell);
    }, this.#rules.delayMs).unref();
    this.#timers.add(timer);
  }
}

function statusItem({ id, chat, fromApp }: MessageItem, type: string, time: number): Record<string, unknown> {
  const contact = {
    id: chat.id,
    hash: chat.hash ?? null,
    type: chat.type ?? 'private',
    phone: chat.phone ?? null,
    username: chat.username ?? null,
    email: chat.email ?? null,
  };
  const item = { id, type, time, chat: contact, fromApp: isRecord(fromApp) ? fromApp : null };
  return type === 'failed' ? { ...item, error: FAILURE } : item;
}
