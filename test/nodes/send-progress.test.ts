import assert from 'node:assert/strict';
import { Progress } from '../../nodes/chatapp-send/progress';
import { SEND_STATUS_KINDS, sendNodeStatus, type SendStatus } from '../../nodes/shared/send-status';
import { ChatAppError } from '../../src/errors';
import { catalogue } from './editor/catalogue';

const NOON = Date.UTC(2031, 4, 6, 12);

function progress(): { shown: SendStatus[]; kinds: () => string[]; of: Progress } {
  const shown: SendStatus[] = [];
  return { shown, kinds: () => shown.map(({ kind }) => kind), of: new Progress((status) => shown.push(status)) };
}

describe('the status of a send node', () => {
  it('is sending, then sent, with the time', () => {
    const { of, shown } = progress();
    of.begin().end(NOON);
    assert.deepEqual(shown, [{ kind: 'sending' }, { kind: 'sent', at: NOON }]);
  });

  it('reports how the last one ended', () => {
    const cases = [
      [ChatAppError.of('SEND_REFUSED', 'empty'), 'notSent'],
      [ChatAppError.of('API_FAILED', 'timeout'), 'notSent'],
      [ChatAppError.of('TOKEN_INVALID', 'pasted'), 'notSent'],
      [ChatAppError.of('SEND_REFUSED', 'loop'), 'loop'],
      [ChatAppError.of('SEND_UNCERTAIN', 'closed'), 'uncertain'],
      [ChatAppError.of('CONFIG_INVALID', 'missing'), 'configInvalid'],
      [new TypeError('a bug'), 'notSent'],
    ] as const;
    for (const [error, kind] of cases) {
      const { of, kinds } = progress();
      of.begin().end(NOON, error);
      assert.deepEqual(kinds(), ['sending', kind]);
    }
  });

  it('waits as long as one of its messages does, until the earliest try', () => {
    const { of, shown } = progress();
    const [first, second, third] = [of.begin(), of.begin(), of.begin()];
    first.wait(NOON + 9_000);
    second.wait(NOON + 3_000);
    third.end(NOON);
    assert.deepEqual(shown.at(-1), { kind: 'waiting', at: NOON + 3_000 });
    second.wait(undefined);
    assert.deepEqual(shown.at(-1), { kind: 'waiting', at: NOON + 9_000 });
    first.wait(undefined);
    assert.deepEqual(shown.at(-1), { kind: 'sending' });
    first.end(NOON);
    second.end(NOON);
    assert.deepEqual(shown.at(-1), { kind: 'sent', at: NOON });
  });

  it('is not reported again while it looks the same', () => {
    const { of, kinds } = progress();
    const works = Array.from({ length: 100 }, () => of.begin());
    for (const work of works) work.end(NOON);
    assert.deepEqual(kinds(), ['sending', 'sent']);
  });

  for (const language of ['en-US', 'pt-BR', 'ru']) {
    it(`has a text that fits below the node, in ${language}`, () => {
      const texts = catalogue('chatapp-send', language);
      for (const kind of SEND_STATUS_KINDS) {
        const translate = (key: string, places?: object): string => {
          const text = texts.get(key.slice(key.indexOf(':') + 1)) ?? '';
          return Object.entries(places ?? {}).reduce(
            (now, [name, value]) => now.replace(`__${name}__`, String(value)),
            text,
          );
        };
        const { text = '' } = sendNodeStatus({ _: translate }, { kind, at: NOON + 300_000 }, NOON);
        assert.ok(text.length > 0 && text.length < 20 && !text.includes('__'), `${kind}: ${text}`);
        if (kind === 'waiting') assert.ok(text.includes('300'), text);
        if (kind === 'sent') assert.match(text, /\d\d:\d\d/);
      }
    });
  }
});
