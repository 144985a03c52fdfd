import assert from 'node:assert/strict';
import { text } from '../../../nodes/shared/editor/page/text';
import { asEditor, translate } from './editor-words';

describe('the texts that code of the editor asks for', () => {
  let asked: string[];
  let leave: () => void;

  beforeEach(() => {
    asked = [];
    leave = asEditor({
      RED: {
        _(key: string, params?: Readonly<Record<string, string>>) {
          asked.push(key);
          return translate(key, params);
        },
      },
    });
  });
  afterEach(() => leave());

  it('stand in the catalogue of the node type with which their key begins', () => {
    assert.equal(text('chatapp-send.does.text'), 'send text');
    assert.equal(text('chatapp-connection.label.appId'), 'App id');
    assert.deepEqual(asked, [
      '@chatapp-community/node-red-chatapp/chatapp-send:chatapp-send.does.text',
      '@chatapp-community/node-red-chatapp/chatapp-connection:chatapp-connection.label.appId',
    ]);
  });

  it('stand with the connection where several nodes share them, and are filled', () => {
    assert.equal(text('label.line', { id: '1229' }), 'line 1229');
    assert.deepEqual(asked, ['@chatapp-community/node-red-chatapp/chatapp-connection:label.line']);
  });
});
