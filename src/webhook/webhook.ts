import type { Line } from '../api/lines';
import type { CallbackState } from './callback-state';
import type { Callbacks } from './callbacks';
import type { CallbackRequest, WebhookReceiver } from './webhook-receiver';
import type { WebhookSecret } from './webhook-secret';

/** The callback of one messenger of a line that has listeners, and how it stands. */
export interface Callback extends Line {
  readonly state: CallbackState;
}

/** The second way in for events: ChatApp calls, and this answers. */
export interface Webhook {
  /** The HTTP status for a request to an address below the callback URL. Never rejects. */
  answer(request: CallbackRequest): Promise<number>;
  readonly callbacks: readonly Callback[];
  /**
   * Someone agrees that the callback of this line, which is another's, may be replaced. Resolves once that was tried,
   * with false where nobody listens to the line.
   */
  replace(line: Line): Promise<boolean>;
  /** Gives all callbacks new addresses, with another secret. Resolves once that was tried. */
  renew(): Promise<void>;
}

export function webhookOf(receiver: WebhookReceiver, callbacks: Callbacks, secret: WebhookSecret): Webhook {
  return {
    answer: (request) => receiver.answer(request),
    get callbacks() {
      return callbacks.all.map(({ line: { licenseId, messengerType }, state }) => ({
        licenseId,
        messengerType,
        state,
      }));
    },
    replace: (line) => callbacks.replace(line),
    renew: () => secret.renew(() => callbacks.setNow()),
  };
}
