import { readCallbackUrls, removeCallbackUrl, setCallbackUrl } from './api/callback-urls';
import { authoriseChannel } from './api/channel-auth';
import { Semaphore } from './api/semaphore';
import type { LineEntry } from './api/entry';
import { messengerLines, readLineEntries, type AccountLine } from './api/lines';
import { readChangedChats } from './api/changed-chats';
import { readChatMessages } from './api/chat-messages';
import type { Ask, HistoryPriority } from './api/paging';
import type { InboxOptions } from './inbox/inbox';
import type { Log } from './log';
import type { OpenSession } from './session/sessions';
import type { CallbacksOptions } from './webhook/callbacks';

/** How many channels are authorised at a time: enough for 50 a second if each answer takes half a second. */
const AUTHORISATIONS = 25;

/** What a connection asks ChatApp so that events come in. */
export interface ConnectionRequests {
  readonly inbox: Pick<InboxOptions, 'authorise' | 'readChats' | 'readMessages' | 'readLines'>;
  readonly callbacks: Pick<CallbacksOptions, 'read' | 'set' | 'remove'>;
}

/**
 * The requests of one connection as its account; each kind has its priority within what ChatApp allows.
 * @param onLines called with each list of the account's lines
 */
export function connectionRequests(
  { session, api }: OpenSession,
  log: Log,
  onLines: (lines: readonly LineEntry[]) => void,
): ConnectionRequests {
  const semaphore = new Semaphore(AUTHORISATIONS);
  const ask =
    (priority: HistoryPriority): Ask =>
    (path, query, signal) =>
      session.authorised((token) => api.read({ path, query, token, signal, priority }));
  const readLines = async (): Promise<AccountLine[]> => {
    const lines = await session.authorised((token) => readLineEntries(api, token));
    onLines(lines);
    return messengerLines(lines);
  };
  /** Who asks for the lines while they are being read waits for the same answer. */
  let reading: Promise<AccountLine[]> | undefined;
  return {
    inbox: {
      authorise: (socketId, channel, isWanted) =>
        semaphore.run(async () => {
          // While it waited for a slot the socket may have changed: then no request is spent on it.
          if (!isWanted()) return '';
          return session.authorised((token) => authoriseChannel(api, token, socketId, channel));
        }),
      readChats: (query, priority) => readChangedChats(ask(priority), { ...query, log }),
      readMessages: (query, priority) => readChatMessages(ask(priority), { ...query, log }),
      readLines: () => (reading ??= readLines().finally(() => (reading = undefined))),
    },
    callbacks: {
      read: () => session.authorised((token) => readCallbackUrls(api, token)),
      set: (callback) => semaphore.run(() => session.authorised((token) => setCallbackUrl(api, token, callback))),
      remove: (line) => semaphore.run(() => session.authorised((token) => removeCallbackUrl(api, token, line))),
    },
  };
}
