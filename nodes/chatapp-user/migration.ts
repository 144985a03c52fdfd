import { LISTENER, type Migration } from '../shared/migration';

/** Its events have no direction. Nodes without a version may still hold `direction` and `ignoreOwn`: nothing reads them. */
export const MIGRATION: Migration = { defaults: { ...LISTENER, userId: '' } };
