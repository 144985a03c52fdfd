import { isRecord } from '../../../src/events/json';
import { apiType } from './api-dialog';
import { connectionType } from './connection';
import { doneType } from './done-dialog';
import { offerFlowTypes } from './flow-types';
import { listenerType } from './listener-type';
import { make } from './make';
import { sendType } from './send-dialog';
import style from './style.css';

/** Of the package; the build fills it in. */
declare const VERSION: string;

/** What the pages of the node types have in common. Each page loads this script, and calls what it needs of it. */
const shared = {
  version: VERSION,
  api: apiType,
  connection: connectionType,
  done: doneType,
  listener: listenerType,
  send: sendType,
} as const;

export type SharedEditor = typeof shared;

const loaded: unknown = Reflect.get(globalThis, 'chatappEditor');
// The editor runs it once for each page. After an update without a reload, the pages are newer than what is there.
if (!isRecord(loaded) || loaded.version !== VERSION) {
  Reflect.set(globalThis, 'chatappEditor', shared);
  document.head.append(make('style', '', style));
  offerFlowTypes();
}
