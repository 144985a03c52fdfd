import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { catalogue } from '../nodes/editor/catalogue';
import { document, documents } from './documents';

const texts = catalogue('chatapp-connection');

/** What a reader of these pages sees in the editor, by the key of its words. */
const QUOTED = {
  'docs/troubleshooting.md': [
    'account.noConnection',
    'account.forbidden',
    'account.noAnswer',
    'picker.unknown',
    'check.outcome.skipped',
    'detail.retype',
    'detail.tls',
    'chatapp-connection.callback.none',
    'chatapp-connection.callback.forbidden',
    'chatapp-connection.status.webhookOnly',
    'chatapp-connection.status.socketOnly',
    'chatapp-connection.status.webhookTaken',
    'error.LOGIN_REFUSED.credentials',
    'chatapp-connection.status.connecting',
    'chatapp-connection.status.authorising',
    'chatapp-connection.status.refused',
    'chatapp-connection.status.tokenInvalid',
    'chatapp-connection.status.configInvalid',
    'listener.direction.any',
    'listener.direction.in',
    'listener.ignoreOwn',
    'listener.separate.label',
    'chatapp-connection.check',
    'chatapp-connection.label.recover',
  ],
  'docs/webhooks.md': [
    'chatapp-connection.label.receive',
    'chatapp-connection.label.webhookUrl',
    'chatapp-connection.receive.socket',
    'chatapp-connection.receive.both',
    'chatapp-connection.receive.webhook',
    'chatapp-connection.callback.title',
    'chatapp-connection.callback.setting',
    'chatapp-connection.callback.deployFirst',
    'chatapp-connection.callback.replace',
    'chatapp-connection.callback.yes',
    'chatapp-connection.status.configInvalid',
    'chatapp-connection.check',
  ],
  'docs/quick-start.md': [
    'chatapp-connection.auth.account',
    'chatapp-connection.check',
    'listener.label.connection',
    'listener.label.licenseId',
    'listener.label.messengerType',
    'chatapp-connection.status.listening',
  ],
  'docs/scaling.md': [
    'chatapp-connection.label.cluster',
    'chatapp-connection.label.clusterAuth',
    'chatapp-connection.label.replicas',
    'chatapp-connection.label.keepHours',
    'listener.label.ack',
    'listener.label.ackSeconds',
    'listener.ack.sent',
    'listener.ack.done',
    'chatapp-connection.status.leading',
    'chatapp-connection.status.standingBy',
    'chatapp-connection.status.clusterLost',
  ],
  'README.md': ['chatapp-connection.check', 'listener.label.connection', 'chatapp-connection.status.listening'],
} as const;

describe('the words of the editor in the texts', () => {
  for (const [path, keys] of Object.entries(QUOTED)) {
    it(`are those that one sees there: ${path}`, () => {
      // Emphasised, and where it ends with an ellipsis, the beginning of what one sees.
      const quotes = [...document(path).text.matchAll(/(?<![\w*])(?:_([^_]+)_|\*\*([^*]+)\*\*)/g)].map((found) =>
        plain((found[1] ?? found[2] ?? '').replace(/ …$/, '')),
      );
      for (const key of keys) {
        const shown = plain(texts.get(key) ?? '');
        assert.ok(shown !== '', `there is no text ${key}`);
        assert.ok(
          quotes.some((quote) => quote.length > 3 && shown.startsWith(quote)),
          `${path} does not have "${shown}" (${key})`,
        );
      }
    });
  }
});

describe('the index of the documents', () => {
  it('leads to every page, except for those that have an index of their own', () => {
    const { text } = document('docs/README.md');
    const linked = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => posix.join('docs', target));
    for (const { path } of documents()) {
      const isIndexed = /^docs\/(decisions|recipes)\/(?!README)/.test(path);
      if (path !== 'docs/README.md' && !isIndexed) assert.ok(linked.includes(path), path);
    }
  });
});

function plain(words: string): string {
  return words.replace(/\s+/g, ' ').toLowerCase();
}
