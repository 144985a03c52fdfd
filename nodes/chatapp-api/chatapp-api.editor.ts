import type { ApiSettings } from '../shared/editor/actions/api-dialog';
import { MIGRATION } from './migration';

const { properties, ...api } = chatappEditor.api(MIGRATION);

RED.nodes.registerType<ApiSettings>('chatapp-api', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'api.svg',
  defaults: {
    name: { value: '' },
    connection: properties.connection,
    preset: properties.preset,
    method: properties.method,
    path: properties.path,
    licenseId: properties.licenseId,
    messengerType: properties.messengerType,
    chatId: properties.chatId,
    query: { value: [] },
    body: { value: '' },
    bodyType: { value: 'json' },
    pages: properties.pages,
    format: properties.format,
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: api.paletteLabel,
  label: api.label,
  labelStyle: api.labelStyle,
  oneditprepare: api.oneditprepare,
  oneditsave: api.oneditsave,
});
