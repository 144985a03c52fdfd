import { constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from './segment';

const ownerPath = (folder: string): string => join(folder, 'owner');

/** Makes `id` the owner of a folder. Overwrites in place, which works on a full disk too. */
export async function writeOwner(folder: string, id: string, open: OpenFile): Promise<void> {
  const file = await open(ownerPath(folder), constants.O_RDWR | constants.O_CREAT, 0o600);
  await file.write(id, 0).finally(() => file.close());
}

export function readOwner(folder: string): Promise<string> {
  return readFile(ownerPath(folder), 'utf8');
}
