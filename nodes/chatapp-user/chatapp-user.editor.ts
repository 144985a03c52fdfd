import { prepareUserField } from '../shared/editor/account-fields';
import { acknowledgement } from '../shared/editor/acknowledgement';
import { labelStyle, userLabel } from '../shared/editor/label';
import { prepareListener, saveListener, type ListenerSettings } from '../shared/editor/listener';
import { namesIn } from '../shared/editor/names';
import { outputLabel } from '../shared/editor/outputs';
import { sendSample } from '../shared/editor/sample-button';
import { text } from '../shared/editor/text';
import { ackSeconds, id, inFlight } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { MIGRATION } from './migration';

interface Settings extends ListenerSettings {
  userId: unknown;
}

RED.nodes.registerType<Settings>('chatapp-user', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'user.svg',
  defaults: {
    name: { value: '' },
    connection: { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') },
    userId: { value: '', validate: validator('listener.label.userId', id) },
    events: { value: [] },
    separate: { value: false },
    ack: { value: 'sent', validate: acknowledgement },
    ackSeconds: { value: 60, validate: validator('listener.label.ackSeconds', ackSeconds) },
    inFlight: { value: 100, validate: validator('listener.label.inFlight', inFlight) },
    outputs: { value: 1 },
    version: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel() {
    return this._('chatapp-user.paletteLabel');
  },
  label() {
    return userLabel(this, namesIn(this.connection, 'chatapp-user'), text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  outputLabels(index) {
    return outputLabel(this, 'user', index);
  },
  button: {
    onclick() {
      sendSample(this);
    },
  },
  oneditprepare() {
    prepareListener(this, 'user', ['userId'], MIGRATION);
    prepareUserField();
  },
  oneditsave() {
    saveListener(this, 'user', MIGRATION);
  },
});
