import { CHAT_LISTENER, UNVERSIONED_CHAT_LISTENER, type Migration } from '../shared/migration';

/** Both ids are needed. */
export const MIGRATION: Migration = {
  defaults: { ...CHAT_LISTENER, companyId: '', userId: '' },
  unversioned: UNVERSIONED_CHAT_LISTENER,
};
