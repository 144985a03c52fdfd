import type { AccountTrouble } from '../account-answers';
import { errorText } from '../error-text';
import { readTrouble } from './answers';
import { text } from './text';

/**
 * Why Node-RED did not do what was asked, and what to do about it, in the editor's language.
 *
 * @param status 0 where it did not answer
 * @param forbidden the key of the words for someone who may not ask for this
 */
export function requestProblem(status: number, body: unknown, forbidden = 'account.forbidden'): string {
  const trouble = readTrouble(body);
  if (status === 422 && trouble) return troubleText(trouble);
  if (status === 401 || status === 403) return text(forbidden);
  // A proxy in front of a Node-RED that is gone answers for it.
  return status === 0 || status >= 500 ? text('account.noAnswer') : text('account.oddAnswer', { status });
}

/** For promises that nobody waits for: what fails there is a bug. */
export function logBug(error: unknown): void {
  console.error('node-red-chatapp', error);
}

/** The words of an error. One that the catalogue does not have is told by its code. */
export function troubleText(trouble: AccountTrouble): string {
  return errorText((key, options) => RED._(key, options), trouble) ?? `${trouble.code}: ${trouble.reason}`;
}
