import { VERSION, type Migration } from '../shared/migration';

/** What a done node may say about an event; `auto` finds it out from the message. */
export const OUTCOMES = ['auto', 'done', 'failed', 'giveUp'] as const;

/** `failed` was a check box before there was `outcome`. It stays a property so that the editor keeps it until then. */
export const MIGRATION: Migration = {
  defaults: { name: '', outcome: 'auto', accept: '200-299', failed: false, version: VERSION },
  convert: (saved) => {
    const { outcome = '', failed = '' } = saved;
    const given = outcome === '' ? String(failed) : outcome;
    return { ...saved, outcome: given === 'true' ? 'failed' : given === 'false' ? 'done' : given };
  },
};
