import { VERSION, type Migration } from '../shared/migration';

export const MIGRATION: Migration = { defaults: { name: '', failed: false, version: VERSION } };
