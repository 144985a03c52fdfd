import { join } from 'node:path';
import { systemClock, type Clock } from '../clock';
import { fileStore, type RemovableStore } from '../store';
import { LogStore } from './log-store';
import type { OpenFile } from './segment';
import { openStorage, removeInbox, type Storage } from './storage';

export interface OpenStore extends RemovableStore {
  readonly opened: Promise<void>;
  /** Opens it; otherwise the first use does. Resolves also if that is not possible. */
  open(): Promise<void>;
  /** Ends it: what is not written by then is lost. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** @default the system's */
  readonly clock?: Clock;
  /** @default `open` of node:fs/promises */
  readonly open?: OpenFile;
}

/** What connections store in a folder: texts and the records of inboxes in a log. It is opened at the first use. */
export function openStore(folder: string, { clock = systemClock, open }: StoreOptions = {}): OpenStore {
  const files = fileStore(folder);
  const storage: Storage = openStorage(join(folder, 'log'), { clock, ...(open && { open }) });
  const texts = new LogStore(storage, files, folder);
  const storeOf = (name: string): RemovableStore => (name.startsWith('positions-') ? files : texts);
  return {
    read: (name) => storeOf(name).read(name),
    write: (name, text) => storeOf(name).write(name, text),
    // The records of an inbox go with the connection that is deleted.
    remove: (name) => (name.startsWith('inbox-') ? removeInbox(storage, name) : storeOf(name).remove(name)),
    key: (login) => texts.key(login),
    observe: (observer) => texts.observe(observer),
    records: storage,
    opened: texts.opened,
    open: () => texts.open(),
    close: () => storage.close(),
  };
}
