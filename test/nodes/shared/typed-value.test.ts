import assert from 'node:assert/strict';
import { Settings } from '../../../nodes/shared/settings';
import { fillPlaces } from '../../../nodes/shared/typed-value';

const values: Readonly<Record<string, unknown>> = {
  'chatapp.from.name': 'Anna & "Söhne" <b>',
  'payload.list[0]': 7,
  empty: null,
  object: { a: 1 },
  tricky: '$& {{chatapp.from.name}}',
};

function read(path: string): unknown {
  if (path === 'broken') throw new Error('no such path');
  return values[path];
}

describe('the places of a text', () => {
  it('become the property of the message, as it is, without escaping', () => {
    assert.equal(fillPlaces('Hello {{chatapp.from.name}}! {{ payload.list[0] }}', read), 'Hello Anna & "Söhne" <b>! 7');
    assert.equal(fillPlaces('{{object}}', read), '{"a":1}');
  });

  it('become nothing where the message has no such property', () => {
    for (const path of ['unknown', 'empty', 'broken', '']) assert.equal(fillPlaces(`[{{${path}}}]`, read), '[]', path);
  });

  it('are looked for once: what a customer wrote is never a place', () => {
    assert.equal(fillPlaces('{{tricky}}', read), '$& {{chatapp.from.name}}');
  });

  it('are nothing else that has braces', () => {
    for (const text of ['{a}', '{{', '}} {{', '${NAME}', '{"a": {"b": 1}}']) assert.equal(fillPlaces(text, read), text);
  });
});

describe('a typed field', () => {
  const typed = (saved: object): unknown => new Settings(saved).typed('text');

  it('keeps its blanks, and is a text if nothing says otherwise', () => {
    assert.deepEqual(typed({ text: ' a\n', textType: '' }), { value: ' a\n', type: 'str' });
    assert.deepEqual(typed({ text: 7 }), { value: '7', type: 'str' });
    assert.deepEqual(typed({ text: 'payload', textType: 'msg' }), { value: 'payload', type: 'msg' });
    for (const text of ['', null, undefined]) assert.equal(typed({ text, textType: 'msg' }), undefined);
  });

  it('is a problem if its type is unknown, its value is none, or its variable is not set', () => {
    for (const saved of [{ text: 'a', textType: 'bool' }, { text: {} }, { text: '${GREETING}' }]) {
      const settings = new Settings(saved);
      assert.equal(settings.typed('text'), undefined);
      assert.deepEqual(
        settings.problems.map(({ params }) => params.field),
        ['text'],
      );
    }
    assert.deepEqual(typed({ text: '${a}', textType: 'jsonata' }), { value: '${a}', type: 'jsonata' });
  });

  it('comes in rows too', () => {
    const params = [
      { value: 'a', type: 'str' },
      { name: ' limit ', value: 'n', type: 'msg' },
      { value: '', type: 'str' },
    ];
    assert.deepEqual(new Settings({ params }).rows('params'), [
      { name: '', value: 'a', type: 'str' },
      { name: 'limit', value: 'n', type: 'msg' },
      { name: '', value: '', type: 'str' },
    ]);
    for (const odd of ['a', 7, [7]]) {
      const settings = new Settings({ params: odd });
      settings.rows('params');
      assert.equal(settings.problems.length, 1);
    }
  });
});
