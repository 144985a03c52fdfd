import assert from 'node:assert/strict';
import { actionOf, hasOption, SEND_OPTIONS } from '../../../nodes/shared/editor/actions/send-actions';
import { SEND_ACTIONS } from '../../../src';

describe('what the dialog of a send node asks for', () => {
  const optionsOf = (action: (typeof SEND_ACTIONS)[number] | undefined): string[] =>
    SEND_OPTIONS.filter((option) => hasOption(action, option));

  it('is what the action has', () => {
    assert.deepEqual(SEND_ACTIONS.map(optionsOf), [
      ['text', 'markdown', 'sender', 'tracking'],
      ['file', 'fileName', 'caption', 'sender'],
      ['template', 'params', 'file', 'fileName', 'sender', 'tracking'],
      [],
    ]);
  });

  it('is everything where only a variable knows the action', () => {
    assert.equal(actionOf('${ACTION}'), undefined);
    assert.deepEqual(optionsOf(undefined), [...SEND_OPTIONS]);
  });

  it('is a text where no action is chosen', () => {
    for (const nothing of ['', undefined, null]) assert.equal(actionOf(nothing), 'text');
    for (const odd of ['TEXT', 'constructor', 0, false, {}]) assert.equal(actionOf(odd), undefined);
  });
});
