import { prepareLineFields } from '../shared/editor/account-fields';
import { acknowledgement } from '../shared/editor/acknowledgement';
import { labelStyle, messengerLabel } from '../shared/editor/label';
import { prepareListener, saveListener, type ListenerSettings } from '../shared/editor/listener';
import { namesIn } from '../shared/editor/names';
import { outputLabel } from '../shared/editor/outputs';
import { sendSample } from '../shared/editor/sample-button';
import { text } from '../shared/editor/text';
import { ackSeconds, idOrAll, messengerTypeOrAll } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';

interface Settings extends ListenerSettings {
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
    events: { value: [] },
    separate: { value: false },
    direction: { value: 'any' },
    ignoreOwn: { value: false },
    ack: { value: 'sent', validate: acknowledgement },
    ackSeconds: { value: 60, validate: validator('listener.label.ackSeconds', ackSeconds) },
    outputs: { value: 1 },
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
    prepareListener(this, 'messenger', ['licenseId', 'messengerType']);
    prepareLineFields({ line: text('picker.allLines'), messenger: text('picker.allMessengers') });
  },
  oneditsave() {
    saveListener(this, 'messenger');
  },
});
