import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJson } from '../../src/events/json';
import { dataOf, HeadReader, peekEvent, readFrame } from '../../src/socket/frame';

const CHANNEL = 'private-v1.users.9041';
const NOISE = { kind: 'noise' };

describe('a frame', () => {
  it('of an event keeps its data as it came, unparsed', () => {
    const text = '{"queue":"q","payload":{"data":[],"meta":{}}}';
    for (const data of [text, 'no JSON', '', { data: [] }, [1], null, 7, true]) {
      const frame = readFrame(JSON.stringify({ event: 'message', channel: CHANNEL, data }));
      assert.deepEqual(frame, { kind: 'event', channel: CHANNEL, event: 'message', data });
    }
  });

  it('of an event may lack its data', () => {
    const frame = readFrame(JSON.stringify({ event: 'message', channel: CHANNEL }));
    assert.deepEqual(frame, { kind: 'event', channel: CHANNEL, event: 'message', data: undefined });
  });

  it('of an event may have any name, known or not', () => {
    for (const event of ['chatTag', 'somethingNew', '', 'App\\Events\\Message', 'client-x', 'pusher', 'pusherfoo:x']) {
      assert.deepEqual(readFrame(JSON.stringify({ event, channel: CHANNEL, data: 1 })).kind, 'event', event);
    }
  });

  it('of the protocol brings its data parsed, whichever way it came', () => {
    const parsed = { socket_id: '1.2', activity_timeout: 30 };
    const event = 'pusher:connection_established';
    for (const data of [parsed, JSON.stringify(parsed)]) {
      assert.deepEqual(readFrame(JSON.stringify({ event, data })), { kind: 'protocol', event, data: parsed });
    }
    assert.deepEqual(readFrame(JSON.stringify({ event: 'pusher:pong' })), {
      kind: 'protocol',
      event: 'pusher:pong',
      data: undefined,
    });
  });

  it('of the protocol names its channel, if it is a name', () => {
    const event = 'pusher_internal:subscription_succeeded';
    const read = (channel: unknown): unknown => readFrame(JSON.stringify({ event, channel, data: '{}' }));
    assert.deepEqual(read(CHANNEL), { kind: 'protocol', event, channel: CHANNEL, data: {} });
    for (const odd of [7, null, {}, ['x']]) assert.deepEqual(read(odd), { kind: 'protocol', event, data: {} });
  });

  it('of the protocol whose data is no JSON has none', () => {
    assert.deepEqual(readFrame('{"event":"pusher:error","data":"oh no"}'), {
      kind: 'protocol',
      event: 'pusher:error',
      data: undefined,
    });
  });

  it('is noise where it is not one', () => {
    const odd = [
      '',
      ' ',
      '{}',
      '[]',
      '[1]',
      '[[]]',
      'null',
      '1',
      '-1.5',
      'true',
      '"text"',
      'hello',
      '{',
      '{"event"',
      '\u0000',
    ];
    for (const text of odd) assert.deepEqual(readFrame(text), NOISE, text);
  });

  it('is noise without an event that is a name', () => {
    for (const event of [undefined, null, 7, {}, [], true, ['pusher:error']]) {
      assert.deepEqual(readFrame(JSON.stringify({ event, channel: CHANNEL, data: {} })), NOISE);
    }
  });

  it('is noise where an event names no channel', () => {
    for (const channel of [undefined, null, 7, {}, [CHANNEL]]) {
      assert.deepEqual(readFrame(JSON.stringify({ event: 'message', channel, data: {} })), NOISE);
    }
  });

  it('is ignored, and no failure, if it is a megabyte of anything', () => {
    const texts = ['x', '[', '{"a":', '"', '\ufffd'].map((part) => part.repeat(1_000_000 / part.length));
    for (const text of texts) assert.deepEqual(readFrame(text), NOISE);
  });

  it('is noise where it is deeper than any stack', () => {
    assert.deepEqual(readFrame(`${'['.repeat(500_000)}${']'.repeat(500_000)}`), NOISE);
  });

  it('never throws, whatever JSON it is', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ event: fc.jsonValue(), channel: fc.jsonValue(), data: fc.jsonValue() })
        .map((one) => JSON.stringify(one)),
      fc
        .record({ event: fc.constantFrom('pusher:error', 'message'), data: fc.jsonValue() })
        .map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(anything, (text) => assert.ok(['event', 'protocol', 'noise'].includes(readFrame(text).kind))),
      { numRuns: 1_000 },
    );
  });

  describe('seen from its first bytes', () => {
    const peek = (text: string): unknown => {
      const { dataAt: _, ...names } = peekEvent(Buffer.from(text)) ?? {};
      return _ === undefined ? undefined : names;
    };

    it('shows channel and event in either order, whatever follows', () => {
      const names = { channel: CHANNEL, event: 'message' };
      assert.deepEqual(peek(`{"event":"message","channel":"${CHANNEL}","data":"not JSON`), names);
      assert.deepEqual(peek(`{"channel":"${CHANNEL}","event":"message","data":{`), names);
    });

    it('shows nothing that a full reading would see otherwise', () => {
      const odd = [
        ['"event":"message"', `"data":"x","channel":"${CHANNEL}"`],
        [`"event":"mess\\u0061ge"`, `"channel":"${CHANNEL}"`, '"data":1'],
        ['"event":"сообщение"', `"channel":"${CHANNEL}"`, '"data":1'],
        ['"event":"pusher:ping"', `"channel":"${CHANNEL}"`, '"data":1'],
        ['"event":"message"', '"data":1'],
        ['"event":"message"', `"channel":"${'x'.repeat(500)}"`, '"data":1'],
        ['"event":""', `"channel":"${CHANNEL}"`, '"data":1'],
      ];
      for (const fields of odd) assert.equal(peek(`{${fields.join()}}`), undefined, fields.join());
    });

    it('shows what a full reading shows, of any frame', () => {
      const name = fc.string({ minLength: 1, maxLength: 30 });
      fc.assert(
        fc.property(name, name, fc.jsonValue(), fc.boolean(), (channel, event, data, eventFirst) => {
          const text = JSON.stringify(eventFirst ? { event, channel, data } : { channel, event, data });
          const read = parseJson(JSON.stringify(data));
          const head = peekEvent(Buffer.from(text));
          const frame = readFrame(text);
          if (!head) return;
          assert.deepEqual(frame, { kind: 'event', channel: head.channel, event: head.event, data: read });
          assert.deepEqual(dataOf(Buffer.from(text), head), read);
        }),
      );
    });

    it('is the same, whichever frames were read before', () => {
      const name = fc.constantFrom('message', 'messages', 'message","x":"', 'pusher:ping', 'ü');
      const channel = fc.constantFrom(CHANNEL, `${CHANNEL}2`, CHANNEL.slice(0, -1), '');
      const frame = fc.tuple(name, channel, fc.constantFrom(',"data":1}', '', ',"data":"long"}', ',"other":1}'));
      fc.assert(
        fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
          const heads = new HeadReader();
          for (const [event, on, rest] of frames) {
            const bytes = Buffer.from(`{"event":"${event}","channel":"${on}"${rest}`);
            assert.deepEqual(heads.read(bytes), peekEvent(bytes));
          }
        }),
      );
    });

    it('has data in any script', () => {
      const text = JSON.stringify({ event: 'message', channel: CHANNEL, data: 'Привет, 世界 🙂 — naïve' });
      const frame = Buffer.from(text);
      const head = peekEvent(frame);
      assert.equal(head && dataOf(frame, head), 'Привет, 世界 🙂 — naïve');
    });

    it('has no data where more follows, or something is wrong with it', () => {
      const begin = `{"event":"message","channel":"${CHANNEL}","data":`;
      for (const rest of ['1,"data":2}', '"x","event":"other"}', '1', '1]', '"x', '{"a":1', '}', '1}}', '1}\n', '']) {
        const frame = Buffer.from(begin + rest);
        const head = peekEvent(frame);
        assert.equal(head && dataOf(frame, head), undefined, rest);
        assert.ok(head, rest);
      }
    });
  });
});
