import {
  apiFormat,
  apiLabel,
  apiMethod,
  apiPages,
  apiPreset,
  pathField,
  prepareApi,
  shownQuery,
  type ApiSettings,
} from '../shared/editor/api-dialog';
import { labelStyle } from '../shared/editor/label';
import { namesIn } from '../shared/editor/names';
import { text } from '../shared/editor/text';
import { chatIdOrNone, idOrAll, messengerTypeOrAll } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { migrate } from '../shared/migration';
import { MIGRATION } from './migration';

RED.nodes.registerType<ApiSettings>('chatapp-api', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'api.svg',
  defaults: {
    name: { value: '' },
    connection: { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') },
    preset: { value: 'messages', validate: validator('chatapp-api.label.preset', apiPreset) },
    method: { value: 'GET', validate: validator('chatapp-api.label.method', apiMethod) },
    path: { value: '', validate: pathField },
    licenseId: { value: '', validate: validator('listener.label.licenseId', idOrAll) },
    messengerType: { value: '', validate: validator('listener.label.messengerType', messengerTypeOrAll) },
    chatId: { value: '', validate: validator('chatapp-api.label.chatId', chatIdOrNone) },
    query: { value: [] },
    body: { value: '' },
    bodyType: { value: 'json' },
    pages: { value: 'off', validate: validator('chatapp-api.label.pages', apiPages) },
    format: { value: 'raw', validate: validator('chatapp-api.label.format', apiFormat) },
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel() {
    return this._('chatapp-api.paletteLabel');
  },
  label() {
    return apiLabel(this, namesIn(this.connection, 'chatapp-api'), text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  oneditprepare() {
    prepareApi(this, MIGRATION);
  },
  oneditsave() {
    Object.assign(this, migrate(this, MIGRATION), { query: shownQuery() });
  },
});
