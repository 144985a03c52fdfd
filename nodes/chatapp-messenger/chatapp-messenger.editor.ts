import type { ChatListenerSettings } from '../shared/editor/listener/listener-dialog';
import { MIGRATION } from './migration';

interface Settings extends ChatListenerSettings {
  licenseId: unknown;
  messengerType: unknown;
}

const { properties, ...listener } = chatappEditor.listener('messenger', MIGRATION);

RED.nodes.registerType<Settings>('chatapp-messenger', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'messenger.svg',
  defaults: {
    name: { value: '' },
    connection: properties.connection,
    licenseId: properties.licenseId,
    messengerType: properties.messengerType,
    events: { value: ['message'] },
    separate: { value: false },
    direction: { value: 'in' },
    ignoreOwn: { value: false },
    skipGroups: { value: false },
    skipEdited: { value: false },
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
