import assert from 'node:assert/strict';
import { choiceGroups, matches } from '../../../nodes/shared/editor/listener/event-list';
import { CHANNEL_TYPES, eventsOf } from '../../../src/events';

describe('the list of events in a dialog', () => {
  it('offers each event of the channel once, with its meaning', () => {
    for (const type of CHANNEL_TYPES) {
      const offered = choiceGroups(type, []).flatMap(({ choices }) => choices);
      assert.deepEqual(
        offered.map(({ name }) => name).sort(),
        eventsOf(type)
          .map(({ name }) => name)
          .sort(),
      );
      assert.ok(offered.every(({ meaning, chosen }) => meaning !== '' && !chosen));
    }
  });

  it('shows no empty group', () => {
    assert.deepEqual(
      choiceGroups('user', []).map(({ group }) => group),
      ['quickReplies'],
    );
  });

  it('ticks what was saved, and nothing else', () => {
    const choices = choiceGroups('messenger', ['chatTag', 'message']).flatMap((group) => group.choices);
    const ticked = choices.filter(({ chosen }) => chosen).map(({ name }) => name);
    assert.deepEqual(ticked, ['message', 'chatTag']);
  });

  it('keeps a saved event that it does not know, or does not expect here, and shows it ticked', () => {
    const other = choiceGroups('messenger', ['message', 'brandNew', 'employeeStatus']).at(-1);
    assert.deepEqual(other, {
      group: 'other',
      choices: [
        { name: 'brandNew', meaning: '', chosen: true },
        { name: 'employeeStatus', meaning: '', chosen: true },
      ],
    });
  });

  it('keeps a variable that stands for the list', () => {
    const other = choiceGroups('messenger', '${EVENTS}').at(-1);
    assert.deepEqual(other?.choices, [{ name: '${EVENTS}', meaning: '', chosen: true }]);
  });

  it('finds an event by every word of a search, in its name or meaning, in upper or lower case', () => {
    const event = { name: 'chatTag', meaning: 'A chat got a tag or lost one', chosen: false };
    for (const query of ['', ' ', 'tag', 'CHATTAG', 'lost tag', 'tag  got']) assert.ok(matches(event, query), query);
    for (const query of ['tags', 'tag found']) assert.ok(!matches(event, query), query);
  });
});
