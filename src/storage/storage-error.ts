/**
 * `taken`: another process has opened the log; do not open it again. `count`: the number of damaged records.
 * `code`: that of the system, as `EROFS`.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly reason: 'full' | 'unavailable' | 'taken' | 'corrupt',
    message: string,
    readonly count = 0,
    readonly code = '',
  ) {
    super(message);
  }

  static from(error: unknown): StorageError {
    if (error instanceof StorageError) return error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isFull = /^(ENOSPC|EDQUOT|EFBIG)$/.test(code);
    return new StorageError(isFull ? 'full' : 'unavailable', String(error), 0, code);
  }
}
