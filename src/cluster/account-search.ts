import type { KV } from '@nats-io/kv';
import { pause, type Clock } from '../clock';
import { within } from '../deadline';
import { detail } from '../error-details';
import { ChatAppError } from '../errors';

/** How long ChatApp may take before the remembered account is used, in ms. */
const ANSWER_WITHIN = 10_000;
const ASK_EVERY = 5_000;
/** How long the account may be unknown before someone is asked for the app id, in ms. */
const REPORT_AFTER = 60_000;

export interface AccountSearchOptions {
  /** The account's id from ChatApp; `undefined` if it cannot be found now. */
  readonly findAccount: () => Promise<string | undefined>;
  /** Identifies the credentials without revealing them, as the hash of `nameOf`. */
  readonly credentialsName: string;
  /** True for a pasted token without an app id; the account's id is part of an app id. */
  readonly isAppIdMissing: boolean;
  readonly clock: Clock;
  readonly onError: (error: ChatAppError) => void;
}

/**
 * The id of the account at ChatApp, however long it takes. It is remembered in the bucket for these credentials, so that a
 * start without ChatApp finds it.
 * @param signal ends the search: it rejects with its reason
 */
export async function searchAccount(tokens: KV, options: AccountSearchOptions, signal: AbortSignal): Promise<string> {
  const { clock, onError, isAppIdMissing } = options;
  const key = `account.${options.credentialsName}`;
  const begun = clock.monotonic();
  for (let isReported = false; ;) {
    const found = await within(clock, ANSWER_WITHIN, options.findAccount()).catch(() => undefined);
    signal.throwIfAborted();
    // Without NATS, the account is remembered by a later start.
    const remembered = await tokens.get(key).then(
      (entry) => entry?.string() ?? '',
      () => '',
    );
    if (found !== undefined) {
      if (found !== remembered) await tokens.put(key, found).catch(() => undefined);
      return found;
    }
    if (remembered !== '') return remembered;
    if (isAppIdMissing && !isReported && clock.monotonic() - begun > REPORT_AFTER) {
      isReported = true;
      onError(ChatAppError.of('CONFIG_INVALID', 'missing', { field: 'appId', ...detail('wanted', 'appId') }));
    }
    await pause(clock, ASK_EVERY, signal);
  }
}
