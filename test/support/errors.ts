import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ChatAppError } from '../../src/errors';

/** The `CODE.reason` of the error with which `promise` rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return nameOf(await errorOf(promise));
}

/** The error with which `promise` rejects. */
export async function errorOf(promise: Promise<unknown>): Promise<ChatAppError> {
  const error: unknown = await promise.then(
    () => assert.fail('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ChatAppError, inspect(error));
  return error;
}

/** An error as `CODE.reason`. */
export function nameOf({ code, reason }: ChatAppError): string {
  return `${code}.${reason}`;
}
