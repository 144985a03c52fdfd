import { prepareEmployeeFields } from '../shared/editor/account-fields';
import { acknowledgement } from '../shared/editor/acknowledgement';
import { labelStyle, employeeLabel } from '../shared/editor/label';
import { prepareListener, saveListener, type ChatListenerSettings } from '../shared/editor/listener';
import { namesIn } from '../shared/editor/names';
import { outputLabel } from '../shared/editor/outputs';
import { sendSample } from '../shared/editor/sample-button';
import { text } from '../shared/editor/text';
import { ackSeconds, id, inFlight } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { MIGRATION } from './migration';

interface Settings extends ChatListenerSettings {
  companyId: unknown;
  userId: unknown;
}

RED.nodes.registerType<Settings>('chatapp-employee', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'employee.svg',
  defaults: {
    name: { value: '' },
    connection: { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') },
    companyId: { value: '', validate: validator('listener.label.companyId', id) },
    userId: { value: '', validate: validator('listener.label.userId', id) },
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
    return this._('chatapp-employee.paletteLabel');
  },
  label() {
    return employeeLabel(this, namesIn(this.connection, 'chatapp-employee'), text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  outputLabels(index) {
    return outputLabel(this, 'employee', index);
  },
  button: {
    onclick() {
      sendSample(this);
    },
  },
  oneditprepare() {
    prepareListener(this, 'employee', ['companyId', 'userId'], MIGRATION);
    prepareEmployeeFields();
  },
  oneditsave() {
    saveListener(this, 'employee', MIGRATION);
  },
});
