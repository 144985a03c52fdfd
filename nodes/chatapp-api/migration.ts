import { VERSION, type Migration } from '../shared/migration';

export const MIGRATION: Migration = {
  defaults: {
    name: '',
    connection: '',
    preset: 'messages',
    method: 'GET',
    path: '',
    licenseId: '',
    messengerType: '',
    chatId: '',
    query: [],
    body: '',
    bodyType: 'json',
    pages: 'off',
    format: 'raw',
    version: VERSION,
  },
  // A path without a preset, as flows that were made by hand have it, means itself.
  convert: (saved) => (!saved.preset && saved.path ? { ...saved, preset: 'path' } : saved),
};
