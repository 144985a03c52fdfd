import { CHAT_LISTENER, UNVERSIONED_CHAT_LISTENER, type Migration } from '../shared/migration';

/** An empty line or messenger means: all that the account has. */
export const MIGRATION: Migration = {
  defaults: { ...CHAT_LISTENER, licenseId: '', messengerType: '' },
  unversioned: UNVERSIONED_CHAT_LISTENER,
};
