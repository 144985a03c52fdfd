import assert from 'node:assert/strict';
import { readWish, type Wish } from '../../src/cluster/wish';
import { Wishes } from '../../src/cluster/wishes';
import { silentLog } from '../../src/log';
import { FakeBucket, reached, type Way } from '../support/fake-bucket';
import { FakeClock } from '../support/fake-clock';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LINE: Wish = {
  channel: { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
  events: [],
  direction: 'any',
};
const INCOMING: Wish = { ...LINE, direction: 'in' };
const COMPANY: Wish = { channel: { type: 'company', companyId: '2224' }, events: ['employeeStatus'], direction: 'any' };

/** One copy's wishes, and what it was told. */
class Copy {
  readonly told: (readonly [string, Wish | undefined])[] = [];
  way: Way = () => ({ there: 5, back: 5 });
  readonly wishes: Wishes;

  constructor(bucket: FakeBucket, clock: FakeClock) {
    const way: Way = () => this.way();
    this.wishes = new Wishes(reached(bucket, clock, way), {
      clock,
      log: silentLog,
      onChange: (id, wish) => this.told.push([id, wish]),
    });
    this.wishes.start();
  }
}

describe('wishes of several copies', () => {
  let clock: FakeClock;
  let bucket: FakeBucket;

  beforeEach(() => {
    clock = new FakeClock();
    bucket = new FakeBucket();
  });

  function copy(): Copy {
    return new Copy(bucket, clock);
  }

  async function put(text: string): Promise<void> {
    void reached(bucket, clock, () => ({ there: 0, back: 0 })).put('wishes', text);
    await clock.settle();
  }

  /** What is in the bucket, without its age. */
  function kept(): unknown {
    return JSON.parse(bucket.get('wishes')?.string() ?? '', (name, value: unknown) =>
      name === 'made' ? undefined : value,
    );
  }

  it('what one copy wants, all hear, within two seconds and once', async () => {
    const [one, other] = [copy(), copy()];
    one.wishes.own('a', LINE);
    one.wishes.own('b', COMPANY);
    await clock.pass(2 * SECOND);
    const both = [
      ['a', LINE],
      ['b', COMPANY],
    ];
    assert.deepEqual([one.told, other.told], [both, both]);
    other.wishes.own('a', LINE);
    const late = copy();
    await clock.pass(MINUTE);
    assert.deepEqual([one.told, other.told, late.told], [both, both, both]);
  });

  it('twenty copies that start at once with fifty listeners each want the same', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `node-${index}`);
    const all = Array.from({ length: 20 }, copy);
    for (const { wishes } of all) for (const id of ids) wishes.own(id, LINE);
    await clock.pass(5 * SECOND);
    for (const { told } of all) assert.deepEqual(told.map(([id]) => id).sort(), [...ids].sort());
  });

  it('of two copies with different wishes for a listener the last writer counts, and neither writes for ever', async () => {
    const [one, other] = [copy(), copy()];
    one.wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    other.wishes.own('a', INCOMING);
    await clock.pass(2 * SECOND);
    assert.deepEqual(
      [one.told, other.told],
      [
        [
          ['a', LINE],
          ['a', INCOMING],
        ],
        [
          ['a', LINE],
          ['a', INCOMING],
        ],
      ],
    );
    const { revision } = bucket.get('wishes') ?? {};
    await clock.pass(MINUTE);
    assert.equal(bucket.get('wishes')?.revision, revision);
  });

  it('a listener that every copy has removed is forgotten after a minute', async () => {
    const [one, other] = [copy(), copy()];
    for (const { wishes } of [one, other]) wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    for (const { wishes } of [one, other]) wishes.remove('a');
    await clock.pass(58 * SECOND);
    assert.deepEqual(one.told, [['a', LINE]]);
    await clock.pass(4 * SECOND);
    for (const { told } of [one, other])
      assert.deepEqual(told, [
        ['a', LINE],
        ['a', undefined],
      ]);
    one.wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    assert.deepEqual(one.told[2], ['a', LINE]);
  });

  it('a listener that one copy has removed, and another one still has, stays', async () => {
    const [one, other] = [copy(), copy()];
    for (const { wishes } of [one, other]) wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    one.wishes.remove('a');
    await clock.pass(5 * MINUTE);
    assert.deepEqual([one.told, other.told], [[['a', LINE]], [['a', LINE]]]);
  });

  it('a listener of a copy that is away, or that lets go of it, stays', async () => {
    const [one, other] = [copy(), copy()];
    one.wishes.own('a', LINE);
    one.wishes.own('b', COMPANY);
    await clock.pass(2 * SECOND);
    one.wishes.disown('a');
    await one.wishes.stop();
    await clock.pass(5 * MINUTE);
    assert.deepEqual(other.told, [
      ['a', LINE],
      ['b', COMPANY],
    ]);
  });

  it('what was removed just before the end is removed', async () => {
    const one = copy();
    one.wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    one.wishes.remove('a');
    const end = one.wishes.stop();
    await clock.pass(SECOND);
    await end;
    assert.equal(bucket.get('wishes')?.string(), '{}');
  });

  it('an end while NATS is away does not last', async () => {
    const one = copy();
    one.way = () => ({ there: Infinity, back: 0 });
    one.wishes.own('a', LINE);
    const end = one.wishes.stop();
    await clock.pass(2 * SECOND);
    await end;
    assert.equal(clock.pending, 0);
  });

  it('an outage of NATS changes nothing but the time', async () => {
    const one = copy();
    const real = one.way;
    one.way = () => {
      throw new TypeError('no NATS');
    };
    one.wishes.own('a', LINE);
    await clock.pass(5 * MINUTE);
    assert.deepEqual(one.told, []);
    one.way = real;
    await clock.pass(2 * SECOND);
    assert.deepEqual(one.told, [['a', LINE]]);
  });

  it('what a copy has that died for ever is forgotten after two weeks, what living ones have is not', async () => {
    const dead = copy();
    dead.wishes.own('a', LINE);
    dead.wishes.own('b', COMPANY);
    await clock.pass(2 * SECOND);
    await dead.wishes.stop();
    const [one, other] = [copy(), copy()];
    one.wishes.own('b', COMPANY);
    for (let day = 0; day < 13; day += 1) await skip(24 * 60 * MINUTE);
    // It is renewed long before anybody could forget it.
    assert.match(bucket.get('wishes')?.string() ?? '', new RegExp(`"b":.*"made":${String(clock.now()).slice(0, 8)}`));
    await skip(24 * 60 * MINUTE);
    assert.deepEqual(one.told, [
      ['a', LINE],
      ['b', COMPANY],
    ]);
    await skip(24 * 60 * MINUTE);
    await clock.pass(2 * MINUTE);
    assert.deepEqual(one.told, [
      ['a', LINE],
      ['b', COMPANY],
      ['a', undefined],
    ]);
    assert.deepEqual(other.told, one.told);
    assert.deepEqual(kept(), { b: COMPANY });
  });

  /** Lets much time go by with few looks. */
  async function skip(ms: number): Promise<void> {
    clock.setTo(clock.now() + ms);
    await clock.pass(2 * SECOND);
  }

  it('a bucket that was lost gets all again', async () => {
    const one = copy();
    one.wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    await put('');
    await clock.pass(2 * SECOND);
    assert.deepEqual(kept(), { a: LINE });
    assert.equal(one.told.length, 1);
  });

  it('what a later version wants is left as it is', async () => {
    const odd = { channel: { type: 'planet' }, events: [], direction: 'any' };
    await put(JSON.stringify({ odd }));
    const one = copy();
    one.wishes.own('a', LINE);
    await clock.pass(2 * SECOND);
    assert.deepEqual(kept(), { odd, a: LINE });
    assert.deepEqual(one.told, [['a', LINE]]);
  });

  it('only what is wanted is written: no part of a listener is besides', async () => {
    const one = copy();
    const listener = { ...INCOMING, ignoreApp: 'app_7', id: 'a', ackSeconds: 7, onItem: () => undefined };
    one.wishes.own('a', listener);
    await clock.pass(2 * SECOND);
    assert.deepEqual(kept(), { a: { ...INCOMING, ignoreApp: 'app_7' } });
  });
});

describe('a wish', () => {
  for (const channel of [
    { type: 'messenger' },
    { type: 'messenger', licenseId: '1' },
    { type: 'messenger', messengerType: 'telegram' },
    { type: 'company', companyId: '1' },
    { type: 'user', userId: '1' },
    { type: 'employee', companyId: '1', userId: '2' },
  ]) {
    it(`comes back as it was: ${JSON.stringify(channel)}`, () => {
      const wish = { channel, events: ['message'], direction: 'out', keepStatuses: true, ignoreApp: 'app_1' };
      assert.deepEqual(readWish({ ...wish, more: 1, channel: { ...channel, more: 1 } }), wish);
    });
  }

  for (const value of [
    undefined,
    null,
    [],
    'message',
    {},
    { ...LINE, channel: undefined },
    { ...LINE, channel: { type: 'messenger', licenseId: 7 } },
    { ...LINE, channel: { type: 'company' } },
    { ...LINE, channel: { type: 'employee', companyId: '1' } },
    { ...LINE, channel: { type: 'user', companyId: '1' } },
    { ...LINE, events: 'message' },
    { ...LINE, events: [1] },
    { ...LINE, direction: 'up' },
    { ...LINE, ignoreApp: 7 },
  ]) {
    it(`is none: ${JSON.stringify(value)}`, () => assert.equal(readWish(value), undefined));
  }
});
