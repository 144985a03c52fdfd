import assert from 'node:assert/strict';
import { CATALOGUE, eventsOf } from '../../src/events/catalogue';
import type { ChannelAddress } from '../../src/events/channels';
import { SAMPLES } from '../../src/events/samples';
import { sampleEnvelope } from '../../src/events/samples/sample-envelope';

const MESSENGER: ChannelAddress = { type: 'messenger', licenseId: '123', messengerType: 'vkontakte' };
const COMPANY: ChannelAddress = { type: 'company', companyId: '45' };
const USER: ChannelAddress = { type: 'user', userId: '67' };
const EMPLOYEE: ChannelAddress = { type: 'employee', companyId: '45', userId: '67' };

describe('samples', () => {
  it('there is one of every event, in catalogue order', () => {
    assert.deepEqual(
      Object.keys(SAMPLES),
      CATALOGUE.map((entry) => entry.name),
    );
    for (const { name } of CATALOGUE) assert.ok(SAMPLES[name].length > 0, name);
  });

  it('they are plain JSON', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(SAMPLES)), SAMPLES);
  });

  it('no two of an event are the same', () => {
    for (const { name } of CATALOGUE) {
      const texts = SAMPLES[name].map((item) => JSON.stringify(item));
      assert.equal(new Set(texts).size, texts.length, name);
    }
  });

  it('they show Cyrillic, Portuguese and emoji', () => {
    const text = JSON.stringify(SAMPLES);
    assert.match(text, /\p{Script=Cyrillic}/u);
    assert.match(text, /[ãõç]/);
    assert.match(text, /\p{Extended_Pictographic}/u);
  });

  it('their phone numbers, mail and web addresses belong to nobody', () => {
    const text = JSON.stringify(SAMPLES);
    for (const [, phone] of text.matchAll(/"phone":"([^"]*)"/g)) assert.match(phone ?? '', /^7700000000\d$/);
    for (const [, number] of text.matchAll(/"(\d+)@c\.us"/g)) assert.match(number ?? '', /^7700000000\d$/);
    for (const [, host] of text.matchAll(/(?:@|:\/\/)([\w.-]*\.[a-z]+)/g)) {
      assert.match(host ?? '', /^(([a-z]+\.)?example|[cg]\.us)$/);
    }
  });

  it('events with several faces show each of them', () => {
    const types = (items: readonly { readonly type: string }[]): string[] => items.map((item) => item.type);
    assert.deepEqual(types(SAMPLES.quickResponse), ['create', 'edit', 'destroy', 'destroy']);
    assert.deepEqual(types(SAMPLES.quickResponseList), ['create', 'edit', 'destroy']);
    assert.deepEqual(new Set(types(SAMPLES.messageStatus)), new Set(['sent', 'delivered', 'viewed', 'failed']));
    assert.deepEqual(
      SAMPLES.messageReaction.map((item) => item.action),
      ['react', 'unreact'],
    );
    assert.deepEqual(
      SAMPLES.messageStatus.map((item) => item.error?.code !== undefined),
      SAMPLES.messageStatus.map((item) => item.type === 'failed'),
    );
    assert.deepEqual(types(SAMPLES.chatTag), ['add', 'destroy']);
    assert.deepEqual(new Set(SAMPLES.message.map((item) => item.side)), new Set(['in', 'out']));
    assert.ok(SAMPLES.message.some((item) => item.edited));
    assert.ok(SAMPLES.message.some((item) => item.quotedMessage));
    assert.ok(SAMPLES.message.some((item) => item.message.file));
    assert.ok(SAMPLES.message.some((item) => item.chat.type === 'group' && item.fromUser));
    assert.deepEqual(
      new Set(SAMPLES.chatCustomField.map((i) => i.field.type)),
      new Set(['string', 'numeric', 'select']),
    );
  });

  it('an edited message keeps the id of the one it replaces', () => {
    for (const edited of SAMPLES.message.filter((item) => item.edited)) {
      const others = SAMPLES.message.filter((item) => !item.edited && item.id === edited.id);
      assert.equal(others.length, 1);
      assert.notEqual(others[0]?.message.text, edited.message.text);
    }
  });
});

describe('a sample envelope', () => {
  it('holds the first sample and says which event it is', () => {
    for (const { name } of CATALOGUE) {
      const { data, meta } = sampleEnvelope(name);
      assert.deepEqual(data, [SAMPLES[name][0]]);
      assert.equal(meta.type, name);
    }
  });

  it('names line and messenger for the events of chats, as the address says', () => {
    for (const { name } of CATALOGUE.filter((entry) => eventsOf('messenger').includes(entry))) {
      const licenseId = name === 'chatRead' || name === 'chatUnread' ? '123' : 123;
      assert.deepEqual(sampleEnvelope(name, MESSENGER).meta, { type: name, licenseId, messengerType: 'vkontakte' });
    }
  });

  it('names the company for the events of companies, and an import also the line', () => {
    assert.deepEqual(sampleEnvelope('employeeStatus', COMPANY).meta, { type: 'employeeStatus', companyId: 45 });
    assert.deepEqual(sampleEnvelope('employeeWorkday', COMPANY).meta, { type: 'employeeWorkday', companyId: 45 });
    const { data, meta } = sampleEnvelope('messageImport', COMPANY);
    assert.deepEqual(meta, { type: 'messageImport', licenseId: 50718, messengerType: 'telegram', companyId: 45 });
    assert.deepEqual(
      data.map(({ licenseId, messengerType }) => ({ licenseId, messengerType })),
      [{ licenseId: meta.licenseId, messengerType: meta.messengerType }],
    );
  });

  it('names the user for the events of users, as a string', () => {
    assert.deepEqual(sampleEnvelope('quickResponse', USER).meta, { type: 'quickResponse', userId: '67' });
    assert.deepEqual(sampleEnvelope('quickResponseList', USER).meta, { type: 'quickResponseList', userId: '67' });
  });

  it('names a line for the events of chats on an employee channel', () => {
    assert.deepEqual(sampleEnvelope('chatTag', EMPLOYEE).meta, {
      type: 'chatTag',
      licenseId: 50718,
      messengerType: 'grWhatsApp',
    });
  });

  it('puts each event on a messenger that has it', () => {
    assert.equal(sampleEnvelope('chatParticipantAdd').meta.messengerType, 'telegramBot');
    assert.match(sampleEnvelope('chatConversation').meta.messengerType ?? '', /WhatsApp/);
  });

  it('keeps every digit of an id', () => {
    for (const licenseId of ['007', '9'.repeat(20)]) {
      const { meta } = sampleEnvelope('message', { type: 'messenger', licenseId, messengerType: 'telegram' });
      assert.equal(meta.licenseId, licenseId);
    }
  });

  it('holds the items that it was given, several in one where wanted', () => {
    const gone = SAMPLES.quickResponse.slice(2);
    assert.deepEqual(sampleEnvelope('quickResponse', USER, gone).data, gone);
    assert.deepEqual(sampleEnvelope('chatRead', MESSENGER, []).data, []);
  });

  it("is the caller's own: a change to it leaves the samples as they are", () => {
    const before = JSON.stringify(SAMPLES);
    const { data } = sampleEnvelope('message');
    assert.ok(data[0] !== undefined);
    data[0].message.text = 'changed';
    data[0].chat.tags?.splice(0);
    assert.equal(JSON.stringify(SAMPLES), before);
  });
});
