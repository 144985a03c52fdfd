/**
 * What the editor asks Node-RED about dead letters, events that were given up, and what it gets: both sides read it here.
 *
 * - `GET chatapp/dead-letters/<connection node id>?listener=<node id>&before=<letter id>`: a `DeadLetterList`, the newest
 *   first, at most 100; those before the last one follow with `before`. Permission `chatapp.read`.
 * - `GET chatapp/dead-letters/<connection node id>/<letter id>`: the `msg` as the listener would send it, with what the
 *   customer has written; permission `chatapp.write`.
 * - `POST chatapp/dead-letters/<connection node id>/<letter id>/redeliver` and `…/discard`, each with `{}` as JSON:
 *   permission `chatapp.write`. Answer with 204; 409 and `{ problem: 'noListener' }` if the listener is not there any more.
 *
 * 404 where there is no such connection or letter. In a cluster the dead letters are in NATS: the list is empty and says
 * where they are, and there are no letters to show.
 */
export interface DeadLetterList {
  readonly letters: readonly DeadLetterEntry[];
  /** True if there are older ones. */
  readonly hasMore: boolean;
  /** Present if the dead letters are in NATS. */
  readonly nats?: { readonly stream: string; readonly subjects: string };
}

export interface DeadLetterEntry {
  readonly id: number;
  /** The id of the listener node that has given it to a flow. */
  readonly listener: string;
  readonly event: string;
  readonly channel: string;
  /** When it arrived, in ms since the epoch. */
  readonly receivedAt: number;
  /** When it was given up, in ms since the epoch; absent if that is not known. */
  readonly at?: number;
  /** How many attempts failed; absent if that is not known. */
  readonly attempts?: number;
  /** `attempts`: the last one failed. `gaveUp`: a flow said that another one would fail in the same way. */
  readonly reason?: 'attempts' | 'gaveUp';
  /** The HTTP status or system code of the last failure, if a flow has reported one. */
  readonly status?: string;
}
