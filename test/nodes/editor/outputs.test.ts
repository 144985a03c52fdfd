import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  chosenEvents,
  outputCount,
  outputEvents,
  outputLabel,
  outputsField,
  type OutputSettings,
} from '../../../nodes/shared/editor/listener/outputs';
import { eventsOf } from '../../../src/events';

const separate = (...events: string[]): OutputSettings => ({ separate: true, events });

describe('the outputs of a listener', () => {
  it('there is one output as long as events do not go separate ways', () => {
    assert.equal(outputCount({ separate: false, events: ['message', 'chatTag'] }, 'messenger'), 1);
    assert.equal(outputCount({}, 'messenger'), 1);
  });

  it('every event, which is what no choice means, takes one output', () => {
    assert.equal(outputCount(separate(), 'messenger'), 1);
    assert.deepEqual(outputEvents(separate(), 'messenger'), []);
  });

  it('separate outputs follow the catalogue, whatever the saved order; unknown events come last, as they were saved', () => {
    const settings = separate('later', 'chatTag', 'message', 'employeeStatus', 'another', 'chatTag');
    const names = ['message', 'chatTag', 'later', 'employeeStatus', 'another'];
    assert.deepEqual(outputEvents(settings, 'messenger'), names);
    assert.equal(outputCount(settings, 'messenger'), 5);
    assert.deepEqual(
      names.map((_, index) => outputLabel(settings, 'messenger', index)),
      names,
    );
    assert.equal(outputLabel(settings, 'messenger', 5), undefined);
  });

  it('flows made by hand may write the list and the tick as text, or nonsense', () => {
    assert.deepEqual(chosenEvents('chatTag, message,', 'messenger'), ['message', 'chatTag']);
    assert.equal(outputCount({ separate: 'true', events: 'chatTag,message' }, 'messenger'), 2);
    for (const events of [undefined, null, 7, {}, [1, null, {}], ''])
      assert.deepEqual(chosenEvents(events, 'user'), []);
    assert.equal(outputCount({ separate: 'false', events: ['message', 'chatTag'] }, 'messenger'), 1);
  });

  it('wires stay with their event when another one is chosen before it', () => {
    const field = outputsField(
      separate('message', 'chatTag'),
      separate('message', 'messageStatus', 'chatTag'),
      'employee',
    );
    assert.deepEqual(JSON.parse(field), { 0: '0', 1: '2', 'new messageStatus': '1' });
  });

  it('the wires of an event that is chosen no more are removed, and no others', () => {
    const field = outputsField(separate('message', 'chatTag', 'later'), separate('chatTag', 'later'), 'messenger');
    assert.deepEqual(JSON.parse(field), { 0: '-1', 1: '0', 2: '1' });
  });

  it('from one output to separate ones, and back, the first output keeps its wires', () => {
    const one = { separate: false, events: ['message', 'chatTag'] };
    assert.equal(outputsField(one, separate('message', 'chatTag'), 'messenger'), '2');
    assert.equal(outputsField(separate('message', 'chatTag'), one, 'messenger'), '1');
    assert.equal(outputsField(separate('message'), separate(), 'messenger'), '1');
  });

  it('whatever is chosen, each event has exactly one place, and the field agrees with the count', () => {
    const names = fc.uniqueArray(fc.constantFrom(...eventsOf('messenger').map(({ name }) => name), '7', 'later'), {
      minLength: 1,
    });
    fc.assert(
      fc.property(names, names, (before, after) => {
        const field: unknown = JSON.parse(outputsField(separate(...before), separate(...after), 'messenger'));
        assert.ok(typeof field === 'object' && field !== null);
        const places = Object.values(field).filter((place) => place !== '-1');
        assert.deepEqual(
          places.map(Number).sort((a, b) => a - b),
          after.map((_, index) => index),
        );
        const removed = before.filter((name) => !after.includes(name));
        assert.equal(Object.values(field).length - places.length, removed.length);
      }),
    );
  });
});
