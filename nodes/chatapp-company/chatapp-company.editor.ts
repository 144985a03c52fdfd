import type { ListenerSettings } from '../shared/editor/listener/listener-dialog';
import { MIGRATION } from './migration';

interface Settings extends ListenerSettings {
  companyId: unknown;
}

const { properties, ...listener } = chatappEditor.listener('company', MIGRATION);

RED.nodes.registerType<Settings>('chatapp-company', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'company.svg',
  defaults: {
    name: { value: '' },
    connection: properties.connection,
    companyId: properties.companyId,
    events: { value: [] },
    separate: { value: false },
    ack: properties.ack,
    ackSeconds: properties.ackSeconds,
    inFlight: properties.inFlight,
    outputs: { value: 1 },
    version: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: listener.paletteLabel,
  label: listener.label,
  labelStyle: listener.labelStyle,
  outputLabels: listener.outputLabels,
  button: listener.button,
  oneditprepare: listener.oneditprepare,
  oneditsave: listener.oneditsave,
});
