import { VERSION, type Migration } from '../shared/migration';

/** The one default that saved nodes get too: `perMinute`, or flows that flood a customer would go on. */
export const MIGRATION: Migration = {
  defaults: {
    name: '',
    connection: '',
    action: 'text',
    licenseId: '',
    messengerType: '',
    chatId: '',
    text: '',
    textType: 'str',
    file: '',
    fileType: 'str',
    fileName: '',
    fileNameType: 'str',
    caption: '',
    captionType: 'str',
    template: '',
    params: [],
    markdown: false,
    sender: '',
    tracking: '',
    perMinute: 10,
    version: VERSION,
  },
  // Before there were fields for what is sent, only texts had a sender: other actions kept one that nobody saw.
  convert: (saved) =>
    'textType' in saved || saved.action === undefined || saved.action === '' || saved.action === 'text'
      ? saved
      : { ...saved, sender: '' },
};
