import assert from 'node:assert/strict';
import type { WireOptions } from '../simulator';
import { CATALOGUE, channelName, SAMPLES, sampleEnvelope, type ChannelAddress, type EventName } from '../src/events';
import { ConnectionHarness } from './support/connection-harness';
import { ListenerSpy } from './support/listener-spy';

const ADDRESSES: readonly ChannelAddress[] = [
  { type: 'messenger', licenseId: '50718', messengerType: 'telegram' },
  { type: 'company', companyId: '3306' },
  { type: 'user', userId: '9041' },
  { type: 'employee', companyId: '3306', userId: '9041' },
];
const FORMS = (['wrapped', 'bare'] as const).flatMap((wire) =>
  (['escaped-string', 'string', 'object'] as const).map((dataAs): WireOptions => ({ wire, dataAs })),
);

interface Sent {
  readonly event: EventName;
  readonly item: object;
  readonly meta: object;
}

/** Sends every sample of every event that comes on the channel, each in an envelope of its own. */
function sendAll(harness: ConnectionHarness, address: ChannelAddress, form: WireOptions): Sent[] {
  const entries = CATALOGUE.filter(({ channels }) => channels.some((type) => type === address.type));
  return entries.flatMap(({ name }) =>
    SAMPLES[name].map((sample) => {
      const { data, meta } = sampleEnvelope(name, address);
      assert.equal(data.length, 1);
      const item = structuredClone(sample);
      const reached = harness.simulator.announce(channelName(address), name, { data: [item], meta: { ...meta } }, form);
      assert.equal(reached, 1);
      return { event: name, item, meta: { ...meta } };
    }),
  );
}

/** The ids in a meta, as the listener must get them. */
function idsIn(meta: object): object {
  const entries = Object.entries(meta).filter(([key]) => key !== 'type');
  return Object.fromEntries(entries.map(([key, id]) => [key, String(id)]));
}

describe('every sample of every event', () => {
  let harness: ConnectionHarness;
  afterEach(() => harness.close());

  for (const form of FORMS) {
    it(`arrives as it was sent, on every type of channel: ${form.wire}, data as ${form.dataAs}`, async () => {
      harness = await ConnectionHarness.start();
      const all = ADDRESSES.map((address) => ({ address, spy: new ListenerSpy(address) }));
      await harness.listen(...all.map(({ spy }) => spy));
      for (const { address, spy } of all) {
        const sent = sendAll(harness, address, form);
        assert.ok(sent.length > 0);
        await spy.until(({ items }) => items.length >= sent.length);
        assert.deepEqual(
          spy.deliveries.map(({ event, item, meta }) => ({ event, item, meta })),
          sent,
        );
        for (const { meta, channel, licenseId, messengerType, companyId, userId, part, recovered } of spy.deliveries) {
          const { type: _, ...own } = address;
          const ids = Object.entries({ licenseId, messengerType, companyId, userId }).filter(
            ([, id]) => id !== undefined,
          );
          assert.deepEqual(Object.fromEntries(ids), { ...own, ...idsIn(meta) });
          assert.deepEqual([channel, part, recovered], [channelName(address), undefined, false]);
        }
        assert.deepEqual(spy.codes, []);
      }
    });
  }
});

describe('one envelope', () => {
  let harness: ConnectionHarness;
  const line = (events: readonly string[]): ListenerSpy =>
    new ListenerSpy({ type: 'messenger', licenseId: '50718', messengerType: 'telegram' }, { events });
  const LINE = 'private-v1.licenses.50718.messengers.telegram';

  beforeEach(async () => {
    harness = await ConnectionHarness.start();
  });
  afterEach(() => harness.close());

  it('with several items brings them in its order, as parts', async () => {
    const spy = line([]);
    await harness.listen(spy);
    const data = ['viewed', 'delivered', 'sent'].map((type) => ({
      id: '9',
      type,
      time: 1_900_000_000,
      chat: { id: 'c' },
    }));
    harness.simulator.announce(LINE, 'messageStatus', { data, meta: { type: 'messageStatus' } });
    await spy.until(({ items }) => items.length === 3);
    assert.deepEqual(spy.items, data);
    assert.deepEqual(
      spy.deliveries.map(({ part }) => part?.index),
      [0, 1, 2],
    );
  });

  it('goes to those who want its event, and comes once to each', async () => {
    const [message, tag, every] = [line(['message']), line(['chatTag']), line([])];
    await harness.listen(message, tag, every);
    const sent = harness.simulator.message({ licenseId: 50718, messengerType: 'telegram', text: 'Привет «мир» / 👋' });
    harness.simulator.announce(LINE, 'notYetKnown', { data: [{ any: 'thing' }], meta: {} });
    await every.until(({ items }) => items.length === 2);
    assert.deepEqual(
      [message, tag, every].map(({ items }) => items.length),
      [1, 0, 2],
    );
    assert.deepEqual([message.items[0], every.items[0]], [sent, sent]);
  });
});
