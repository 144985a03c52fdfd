import connection from './connection/connection.css';
import form from './form/form.css';
import listener from './listener/listener.css';
import pickers from './pickers/picker.css';
import webhooks from './webhooks/webhooks.css';
import { isRecord } from '../../../src/events/json';
import { apiType } from './actions/api-dialog';
import { doneType } from './actions/done-dialog';
import { sendType } from './actions/send-dialog';
import { connectionType } from './connection/connection';
import { offerFlowTypes } from './function-types';
import { listenerType } from './listener/listener-type';
import { make } from './page/dom';

const STYLES = [form, pickers, listener, webhooks, connection];

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
  document.head.append(make('style', '', STYLES.join('\n')));
  offerFlowTypes();
}
