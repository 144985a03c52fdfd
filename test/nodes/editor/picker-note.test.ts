import assert from 'node:assert/strict';
import { noteOf, type Content } from '../../../nodes/shared/editor/pickers/picker';
import { idOrAll } from '../../../nodes/shared/editor/form/validate';
import { asEditor, translate } from './editor-words';

const READ: Content = {
  state: 'read',
  entries: [{ value: '1229', name: 'Support line', details: ['WhatsApp +7 700', ''] }],
};

describe('the note below a picker', () => {
  let leave: () => void;
  before(() => (leave = asEditor({ RED: { _: translate } })));
  after(() => leave());

  it('names what is chosen', () => {
    assert.deepEqual(noteOf(READ, '1229', idOrAll), { words: 'Support line · WhatsApp +7 700', kind: 'name' });
  });

  it('hints at an id that the account does not have, which is no mistake', () => {
    assert.deepEqual(noteOf(READ, '99', idOrAll), {
      words: 'Not in this account, as far as it was read',
      kind: 'hint',
    });
  });

  it('says what to do about something that can be no id', () => {
    assert.deepEqual(noteOf(READ, 'Support', idOrAll), {
      words: 'Pick one from the list, or enter its id',
      kind: 'problem',
    });
  });

  it('says nothing where all are meant, or a variable decides', () => {
    for (const value of ['', '${LINE}']) assert.equal(noteOf(READ, value, idOrAll).words, '');
  });

  it('says that the account is being read, or why it cannot be', () => {
    assert.equal(noteOf({ state: 'reading' }, '1229', idOrAll).words, 'Reading the account …');
    assert.equal(noteOf({ state: 'reading', isQuiet: true }, '1229', idOrAll).words, '', 'another field says so');
    const problem: Content = { state: 'problem', words: 'ChatApp refuses the login', entries: [] };
    assert.deepEqual(noteOf(problem, '99', idOrAll), { words: 'ChatApp refuses the login', kind: 'problem' });
    const unchosen: Content = { state: 'problem', words: 'Choose a connection first', entries: [], isHint: true };
    assert.deepEqual(noteOf(unchosen, '', idOrAll), { words: 'Choose a connection first', kind: 'hint' });
  });

  it('claims nothing of an id where the account is not known', () => {
    assert.equal(noteOf({ state: 'problem', words: '', entries: [] }, '99', idOrAll).words, '');
  });
});
