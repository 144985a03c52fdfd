import type { SendSettings } from '../shared/editor/actions/send-dialog';
import { MIGRATION } from './migration';

const { properties, ...send } = chatappEditor.send(MIGRATION);

RED.nodes.registerType<SendSettings>('chatapp-send', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'send.svg',
  defaults: {
    name: { value: '' },
    connection: properties.connection,
    action: properties.action,
    licenseId: properties.licenseId,
    messengerType: properties.messengerType,
    chatId: properties.chatId,
    text: { value: '' },
    textType: { value: 'str' },
    file: properties.file,
    fileType: { value: 'str' },
    fileName: { value: '' },
    fileNameType: { value: 'str' },
    caption: { value: '' },
    captionType: { value: 'str' },
    template: { value: '' },
    params: { value: [] },
    markdown: { value: false },
    sender: properties.sender,
    tracking: { value: '' },
    perMinute: properties.perMinute,
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: send.paletteLabel,
  label: send.label,
  labelStyle: send.labelStyle,
  oneditprepare: send.oneditprepare,
  oneditsave: send.oneditsave,
});
