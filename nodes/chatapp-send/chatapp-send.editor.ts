import { labelStyle } from '../shared/editor/label';
import { namesIn } from '../shared/editor/names';
import { sendAction, sender } from '../shared/editor/send-actions';
import { fileField, prepareSend, shownParams, type SendSettings } from '../shared/editor/send-dialog';
import { sendLabel } from '../shared/editor/send-label';
import { text } from '../shared/editor/text';
import { chatIdOrNone, idOrAll, messengerTypeOrAll, perMinute } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { migrate } from '../shared/migration';
import { MIGRATION } from './migration';

RED.nodes.registerType<SendSettings>('chatapp-send', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'send.svg',
  defaults: {
    name: { value: '' },
    connection: { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') },
    action: { value: 'text', validate: validator('chatapp-send.label.action', sendAction) },
    licenseId: { value: '', validate: validator('listener.label.licenseId', idOrAll) },
    messengerType: { value: '', validate: validator('listener.label.messengerType', messengerTypeOrAll) },
    chatId: { value: '', validate: validator('chatapp-send.label.chatId', chatIdOrNone) },
    text: { value: '' },
    textType: { value: 'str' },
    file: { value: '', validate: fileField },
    fileType: { value: 'str' },
    fileName: { value: '' },
    fileNameType: { value: 'str' },
    caption: { value: '' },
    captionType: { value: 'str' },
    template: { value: '' },
    params: { value: [] },
    markdown: { value: false },
    sender: { value: '', validate: validator('chatapp-send.label.sender', sender) },
    tracking: { value: '' },
    perMinute: { value: 10, validate: validator('chatapp-send.label.perMinute', perMinute) },
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel() {
    return this._('chatapp-send.paletteLabel');
  },
  label() {
    return sendLabel(this, namesIn(this.connection, 'chatapp-send'), text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  oneditprepare() {
    prepareSend(this, MIGRATION);
  },
  oneditsave() {
    Object.assign(this, migrate(this, MIGRATION), { params: shownParams() });
  },
});
