import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import * as events from '../../src/events';

const EVENTS = resolve(__dirname, '../../src/events');

describe('src/events', () => {
  it('offers what others build on, and nothing by accident', () => {
    assert.deepEqual(Object.keys(events).sort(), [
      'CATALOGUE',
      'CHANNEL_TYPES',
      'EVENT_GROUPS',
      'EVENT_KEY_VERSION',
      'SAMPLES',
      'channelName',
      'contentHash',
      'eventKeyOf',
      'eventsOf',
      'hasHistory',
      'isAlwaysOut',
      'isId',
      'isKnownEvent',
      'isMessengerType',
      'itemFacts',
      'metaFacts',
      'parseChannelName',
      'readEnvelopes',
      'sampleEnvelope',
    ]);
  });

  it('imports nothing from outside, neither Node nor a package nor another folder', () => {
    const files = readdirSync(EVENTS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    assert.ok(files.length > 10);
    for (const file of files) {
      const path = resolve(EVENTS, file);
      const text = readFileSync(path, 'utf8');
      for (const [, target = ''] of text.matchAll(/(?:from|import|require\()\s*['"]([^'"]+)['"]/g)) {
        assert.match(target, /^\./, `${file} imports ${target}`);
        assert.doesNotMatch(relative(EVENTS, resolve(dirname(path), target)), /^\.\./, `${file} imports ${target}`);
      }
    }
  });
});
