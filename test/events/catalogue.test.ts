import assert from 'node:assert/strict';
import { CATALOGUE, EVENT_GROUPS, eventsOf, isKnownEvent, type CatalogueEntry } from '../../src/events/catalogue';
import { CHANNEL_TYPES } from '../../src/events/channels';

const OF_CHATS = [
  'message',
  'messageSystem',
  'messageStatus',
  'messageDestroy',
  'messageReaction',
  'chatTag',
  'chatStatus',
  'chatResponsible',
  'chatResponsiblePin',
  'chatProducer',
  'chatAccomplice',
  'chatAuditor',
  'chatLevel',
  'chatConversation',
  'chatRead',
  'chatUnread',
  'chatProcess',
  'chatParticipantAdd',
  'chatParticipantDestroy',
  'chatComment',
  'chatConsentSendMessage',
  'chatArchive',
  'chatCustomField',
  'chatRename',
  'chatFunnelStage',
];
const OF_COMPANIES = ['employeeStatus', 'employeeWorkday', 'messageImport'];
const OF_USERS = ['quickResponseList', 'quickResponse'];

const entries: readonly CatalogueEntry[] = CATALOGUE;
const names = (list: readonly CatalogueEntry[]): string[] => list.map((entry) => entry.name);

describe('the catalogue', () => {
  it("lists ChatApp's 30 events in the order of its documentation", () => {
    assert.deepEqual(names(entries), [...OF_CHATS, ...OF_COMPANIES, ...OF_USERS]);
    assert.equal(entries.length, 30);
  });

  it('lists every name once', () => {
    assert.equal(new Set(names(entries)).size, entries.length);
  });

  it('tells the events of every type of channel', () => {
    assert.deepEqual(names(eventsOf('messenger')), OF_CHATS);
    assert.deepEqual(names(eventsOf('employee')), OF_CHATS);
    assert.deepEqual(names(eventsOf('company')), OF_COMPANIES);
    assert.deepEqual(names(eventsOf('user')), OF_USERS);
  });

  it('lets every event come on some channel, on each type at most once', () => {
    for (const { name, channels } of entries) {
      assert.ok(channels.length > 0, name);
      assert.equal(new Set(channels).size, channels.length, name);
      for (const channel of channels) assert.ok(CHANNEL_TYPES.includes(channel), name);
    }
  });

  it('says in one line of at most 90 characters what each event means, each in its own words', () => {
    for (const { name, meaning } of entries) {
      assert.match(meaning, /^[A-Z][^|\r\n]*[^.\s]$/, name);
      assert.ok(meaning.length <= 90, name);
    }
    assert.equal(new Set(entries.map((entry) => entry.meaning)).size, entries.length);
  });

  it('puts every event into a group, and leaves no group empty', () => {
    assert.deepEqual(new Set(entries.map((entry) => entry.group)), new Set(EVENT_GROUPS));
    assert.deepEqual(EVENT_GROUPS, ['messages', 'chat', 'people', 'team', 'quickReplies']);
  });

  it('says which items carry the id of a message; the id of an import is none', () => {
    const withMessageId = names(entries.filter((entry) => entry.idOf === 'message'));
    assert.deepEqual(withMessageId, OF_CHATS.slice(0, 5));
  });

  it('knows its own names and no others, not even those every object has', () => {
    for (const name of names(entries)) assert.equal(isKnownEvent(name), true, name);
    for (const name of ['', 'Message', 'message ', 'chatNew', 'constructor', '__proto__', 'toString']) {
      assert.equal(isKnownEvent(name), false, name);
    }
  });
});
