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
    markdown: false,
    sender: '',
    tracking: '',
    perMinute: 10,
    version: VERSION,
  },
};
