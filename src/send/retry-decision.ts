import { ApiError } from '../api/api-error';
import type { ChatOrder } from '../api/chat-order';

/**
 * What a failed request means for its order.
 *
 * `again`     nothing was done, or it may be done twice: another try may help
 * `refused`   ChatApp has read it and says no: nothing was done, and nothing would be by another try
 * `uncertain` it left, and nobody knows whether it was done: a second one might double it
 * `ended`     it was ended from here before it could leave
 */
export type RetryDecision = 'again' | 'refused' | 'uncertain' | 'ended';

/** Statuses that say that ChatApp has not begun to act. */
const NOT_BEGUN = [408, 425, 429];

/** `left` tells whether the request had begun to leave. */
export function classifyFailure(error: ApiError, order: ChatOrder, left: boolean): RetryDecision {
  // A chat that is marked as read twice is read.
  if (order.action === 'read' || !left) return error.passing ? 'again' : isRefusal(error) ? 'refused' : 'ended';
  if (!isRefusal(error)) return 'uncertain';
  const { status = 0, retryAfter } = error;
  if (NOT_BEGUN.includes(status)) return 'again';
  if (status < 500) return 'refused';
  // A server that asks for a later retry, as in maintenance, rejects the request before it does anything. Any other
  // failure may happen after the message went out: behind a gateway (502, 504) as well as in ChatApp itself (500).
  return status === 503 && retryAfter !== undefined ? 'again' : 'uncertain';
}

/** ChatApp's own no, as against no answer, or one that is not its API's. */
function isRefusal({ reason }: ApiError): boolean {
  return reason === 'refused';
}

/** A request that failed, with what it means for its order. */
export class FailedRequest extends Error {
  constructor(
    readonly error: ApiError,
    readonly decision: RetryDecision,
  ) {
    super(error.message);
  }
}
