import { prepareLineFields } from '../shared/editor/account-fields';
import { acknowledgement } from '../shared/editor/acknowledgement';
import { labelStyle, messengerLabel } from '../shared/editor/label';
import { prepareListener, saveListener, type ChatListenerSettings } from '../shared/editor/listener';
import { namesIn } from '../shared/editor/names';
import { outputLabel } from '../shared/editor/outputs';
import { sendSample } from '../shared/editor/sample-button';
import { text } from '../shared/editor/text';
import { ackSeconds, idOrAll, inFlight, messengerTypeOrAll } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { MIGRATION } from './migration';

interface Settings extends ChatListenerSettings {
  licenseId: unknown;
  messengerType: unknown;
}

RED.nodes.registerType<Settings>('chatapp-messenger', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'messenger.svg',
  defaults: {
    name: { value: '' },
    connection: { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') },
    licenseId: { value: '', validate: validator('listener.label.licenseId', idOrAll) },
    messengerType: { value: '', validate: validator('listener.label.messengerType', messengerTypeOrAll) },
    events: { value: ['message'] },
    separate: { value: false },
    direction: { value: 'in' },
    ignoreOwn: { value: false },
    skipGroups: { value: false },
    skipEdited: { value: false },
    ack: { value: 'sent', validate: acknowledgement },
    ackSeconds: { value: 60, validate: validator('listener.label.ackSeconds', ackSeconds) },
    inFlight: { value: 100, validate: validator('listener.label.inFlight', inFlight) },
    outputs: { value: 1 },
    version: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel() {
    return this._('chatapp-messenger.paletteLabel');
  },
  label() {
    return messengerLabel(this, namesIn(this.connection, 'chatapp-messenger'), text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  outputLabels(index) {
    return outputLabel(this, 'messenger', index);
  },
  button: {
    onclick() {
      sendSample(this);
    },
  },
  oneditprepare() {
    prepareListener(this, 'messenger', ['licenseId', 'messengerType'], MIGRATION);
    prepareLineFields({ line: text('picker.allLines'), messenger: text('picker.allMessengers') });
  },
  oneditsave() {
    saveListener(this, 'messenger', MIGRATION);
  },
});
