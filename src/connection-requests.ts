import { RequestBudget } from './api/budget';
import { readCallbackUrls, removeCallbackUrl, setCallbackUrl } from './api/callback-urls';
import { authoriseChannel } from './api/channel-auth';
import { readHistory } from './api/history';
import { Lanes } from './api/lanes';
import { readLines } from './api/lines';
import type { Clock } from './clock';
import type { FeedOptions } from './feed/feed';
import type { OpenSession } from './session/sessions';
import type { CallbacksOptions } from './webhook/callbacks';

/** How many channels are authorised at a time. */
const AUTHORISATIONS = 10;
/** How many requests a second may go into fetching what was missed: the rest is for what is wanted now. */
const HISTORY_REQUESTS = 10;

/** What a connection asks ChatApp so that events come in. */
export interface ConnectionRequests {
  readonly feed: Pick<FeedOptions, 'authorise' | 'readHistory' | 'readLines'>;
  readonly callbacks: Pick<CallbacksOptions, 'read' | 'set' | 'remove'>;
}

/** The requests of one connection as its account; each kind keeps to its share of what ChatApp allows. */
export function connectionRequests({ session, api }: OpenSession, clock: Clock): ConnectionRequests {
  const lanes = new Lanes(AUTHORISATIONS);
  const historyBudget = new RequestBudget(HISTORY_REQUESTS, clock);
  return {
    feed: {
      authorise: (socketId, channel, isWanted) =>
        lanes.run(async () => {
          // While it waited for a lane the socket may have changed: then no request is spent on it.
          if (!isWanted()) return '';
          return session.authorised((token) => authoriseChannel(api, token, socketId, channel));
        }),
      readHistory: (query) =>
        readHistory(async (path, search, isUrgent) => {
          await historyBudget.take({ isUrgent });
          return session.authorised((token) => api.read({ path, query: search, token }));
        }, query),
      readLines: () => session.authorised((token) => readLines(api, token)),
    },
    callbacks: {
      read: () => session.authorised((token) => readCallbackUrls(api, token)),
      set: (callback) => lanes.run(() => session.authorised((token) => setCallbackUrl(api, token, callback))),
      remove: (line) => lanes.run(() => session.authorised((token) => removeCallbackUrl(api, token, line))),
    },
  };
}
