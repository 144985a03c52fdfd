import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ChatAppError } from '../../src/errors';
import { isRecord } from '../../src/events/json';
import { MAX_TEXT_LENGTH, readOrder, type OrderParts } from '../../src/send/read-order';
import { MAX_FILE_BYTES } from '../../src/send/sent-file';
import { nameOf } from '../support/errors';

const TO = { licenseId: '50101', messengerType: 'telegram', chatId: '7301' };

function order(parts: Partial<OrderParts>): unknown {
  return readOrder({ action: 'text', to: TO, payload: 'hello', ...parts });
}

/** The `CODE.reason` with which these parts are refused. */
function refusal(parts: Partial<OrderParts>): string {
  try {
    order(parts);
  } catch (error) {
    assert.ok(error instanceof ChatAppError);
    return nameOf(error);
  }
  return 'it was taken';
}

describe('an order to send a text', () => {
  it('is made of a text, a number or { text }', () => {
    for (const payload of ['7', 7, { text: '7' }, { text: 7, more: true }]) {
      assert.deepEqual(order({ payload }), { chat: TO, action: 'text', text: '7', markdown: false });
    }
  });

  it('leaves the text as it is, blanks and line ends too', () => {
    const text = '  «Ё»\r\n\t👍🏽  ';
    assert.deepEqual(order({ payload: text }), { chat: TO, action: 'text', text, markdown: false });
  });

  it('holds no half of a surrogate pair, as cutting a text leaves it', () => {
    const text = '👍'.repeat(3_000).slice(0, 4_095);
    assert.deepEqual(order({ payload: text }), {
      ...{ chat: TO, action: 'text', markdown: false },
      text: `${text.slice(0, -1)}\ufffd`,
    });
    const template = { id: 'a\ud83d', params: ['b\udc4d'] };
    assert.deepEqual(order({ action: 'template', payload: { template } }), {
      ...{ chat: TO, action: 'template' },
      ...{ id: 'a\ufffd', params: ['b\ufffd'] },
    });
  });

  it('carries markdown, sender and tracking; the node’s tracking before the message’s', () => {
    const options = { markdown: true, sender: 'employee', tracking: 'node' } as const;
    const payload = { text: 'a', tracking: 'message' };
    assert.deepEqual(order({ payload, ...options }), { chat: TO, action: 'text', text: 'a', ...options });
    assert.deepEqual(order({ payload }), { chat: TO, action: 'text', text: 'a', markdown: false, tracking: 'message' });
  });

  it('is refused where the text is empty or only blanks', () => {
    for (const payload of ['', ' \n\t', '\u200b\ufeff ', { text: '' }])
      assert.equal(refusal({ payload }), 'SEND_REFUSED.empty');
  });

  it('is refused where the text is too long, to the character', () => {
    assert.doesNotThrow(() => order({ payload: 'x'.repeat(MAX_TEXT_LENGTH) }));
    assert.equal(refusal({ payload: 'x'.repeat(MAX_TEXT_LENGTH + 1) }), 'SEND_REFUSED.tooLong');
    const to = { ...TO, messengerType: 'email' };
    assert.doesNotThrow(() => order({ to, payload: 'x'.repeat(MAX_TEXT_LENGTH + 1) }), 'mail may be long');
  });

  it('is refused where the payload holds no text', () => {
    for (const payload of [true, [], ['a'], {}, { text: {} }, { file: 'x' }, NaN, Buffer.from('a')]) {
      assert.equal(refusal({ payload }), 'SEND_REFUSED.badPayload', inspect(payload));
    }
  });

  it('is refused as one without a text where nobody gave one: there is nothing, or the event of a listener', () => {
    for (const payload of [undefined, null]) assert.equal(refusal({ payload }), 'SEND_REFUSED.noText');
    const item = { message: { text: 'Are you open?' }, chat: { id: '7301' } };
    assert.equal(refusal({ payload: item, isEvent: true }), 'SEND_REFUSED.noText');
    assert.doesNotThrow(() => order({ payload: 'At nine.', isEvent: true }), 'a flow has put a text there');
  });
});

describe('an order to send a file', () => {
  const file = 'https://files.example.com/a/offer%20(1).pdf?v=2#top';
  const file1 = (parts: Partial<OrderParts>): unknown => order({ action: 'file', ...parts });

  it('is made of an address, which gives the name where none is reported', () => {
    const made = { chat: TO, action: 'file', file: { url: file, fileName: 'offer (1).pdf' } };
    assert.deepEqual(file1({ payload: { file } }), made);
    assert.deepEqual(file1({ payload: ` ${file} ` }), made);
    const named = { ...made, file: { url: file, fileName: 'b.pdf' }, caption: 'Yours' };
    assert.deepEqual(file1({ payload: { file, fileName: 'b.pdf', caption: 'Yours' } }), named);
    assert.deepEqual(file1({ payload: { file, caption: ' ' }, fileName: '/tmp/b.pdf' }), {
      ...made,
      file: named.file,
    });
  });

  it('has an address that can be sent, whatever it is made of, and a name that people can read', () => {
    for (const address of ['https://x.example/a b/цена 1.pdf', '\u200bhttps://x.example/a b/цена 1.pdf \n']) {
      const url = 'https://x.example/a%20b/%D1%86%D0%B5%D0%BD%D0%B0%201.pdf';
      const file = { url, fileName: 'цена 1.pdf' };
      assert.deepEqual(file1({ payload: { file: address } }), { chat: TO, action: 'file', file });
      const payload = { template: { id: 'a' }, file: address };
      assert.deepEqual(order({ action: 'template', payload }), {
        chat: TO,
        action: 'template',
        id: 'a',
        params: [],
        file,
      });
    }
  });

  it('is made of bytes, with the bare name', () => {
    const bytes = Buffer.from('bytes');
    for (const fileName of ['b.pdf', 'C:\\offers\\b.pdf', '/srv/offers/b.pdf', ' b\r\n.pdf ']) {
      assert.deepEqual(file1({ payload: { file: bytes, fileName } }), {
        chat: TO,
        action: 'file',
        file: { bytes, fileName: 'b.pdf' },
      });
    }
    assert.deepEqual(file1({ payload: bytes, fileName: '/srv/b.pdf' }), {
      chat: TO,
      action: 'file',
      file: { bytes, fileName: 'b.pdf' },
    });
    assert.doesNotThrow(() => file1({ payload: { file: new Uint8Array([1]), fileName: 'a' } }));
  });

  it('cuts a long name at its beginning, and no character in half', () => {
    const made = file1({ payload: { file, fileName: `${'👍'.repeat(200)}.pdf` } });
    const expected = `${'👍'.repeat(125)}.pdf`;
    assert.deepEqual(made, { chat: TO, action: 'file', file: { url: file, fileName: expected } });
  });

  it('has no caption if nothing of it can be seen', () => {
    const made = { chat: TO, action: 'file', file: { url: file, fileName: 'offer (1).pdf' } };
    assert.deepEqual(file1({ payload: { file, caption: '\u200b\u00a0' } }), made);
  });

  it('is refused where there is no file that could be sent', () => {
    const files = [undefined, null, '', 7, {}, 'offer.pdf', '/srv/offer.pdf', 'file:///srv/offer.pdf', 'ftp://a/b'];
    for (const one of [...files, Buffer.alloc(0)]) {
      assert.equal(refusal({ action: 'file', payload: { file: one, fileName: 'a.pdf' } }), 'SEND_REFUSED.badFile');
    }
    assert.equal(refusal({ action: 'file', payload: undefined }), 'SEND_REFUSED.noFile');
    assert.equal(refusal({ action: 'file', payload: { message: {} }, isEvent: true }), 'SEND_REFUSED.noFile');
  });

  it('is refused where nothing tells its name', () => {
    for (const payload of [
      { file: Buffer.from('x') },
      { file: Buffer.from('x'), fileName: ' ' },
      { file: Buffer.from('x'), fileName: '\u200b' },
      { file: Buffer.from('x'), fileName: '..' },
      { file: 'https://files.example.com/' },
      { file: 'https://files.example.com/a/' },
    ]) {
      assert.equal(refusal({ action: 'file', payload }), 'SEND_REFUSED.noFileName');
    }
  });

  it('is refused where it is too large', () => {
    const bytes = Buffer.alloc(MAX_FILE_BYTES * 1_024 * 1_024 + 1);
    assert.equal(refusal({ action: 'file', payload: { file: bytes, fileName: 'a' } }), 'SEND_REFUSED.fileTooLarge');
    assert.doesNotThrow(() => file1({ payload: { file: bytes.subarray(1), fileName: 'a' } }));
  });
});

describe('an order to send a template', () => {
  const template1 = (payload: unknown, more: Partial<OrderParts> = {}): unknown =>
    order({ action: 'template', payload, ...more });

  it('is made of id and params, as texts', () => {
    const made = { chat: TO, action: 'template', id: 'hello', params: ['Anna', '7'] };
    assert.deepEqual(template1({ template: { id: 'hello', params: ['Anna', 7] } }), made);
    assert.deepEqual(template1({ template: { id: 17 } }), { ...made, id: '17', params: [] });
    const pasted = { template: { id: '\u200bhello\u00a0' }, companyId: '\ufeff3306' };
    assert.deepEqual(template1(pasted), { ...made, params: [], companyId: '3306' });
  });

  it('takes a file by its address, tracking and company along', () => {
    const url = 'https://files.example.com/a.png';
    const payload = { template: { id: 'hello' }, file: url, companyId: 3306, tracking: 't' };
    assert.deepEqual(template1(payload), {
      chat: TO,
      action: 'template',
      id: 'hello',
      params: [],
      file: { url, fileName: 'a.png' },
      tracking: 't',
      companyId: '3306',
    });
    assert.deepEqual(template1({ ...payload, file: '', companyId: '' }, { tracking: 'node' }), {
      chat: TO,
      action: 'template',
      id: 'hello',
      params: [],
      tracking: 'node',
    });
  });

  it('is refused where there is none, or it is not whole', () => {
    for (const payload of ['hello', {}, { template: 'hello' }]) {
      assert.equal(refusal({ action: 'template', payload }), 'SEND_REFUSED.badPayload');
      assert.equal(refusal({ action: 'template', payload, isEvent: true }), 'SEND_REFUSED.noTemplate');
    }
    assert.equal(refusal({ action: 'template', payload: null }), 'SEND_REFUSED.noTemplate');
    for (const template of [{}, { id: ' ' }, { id: '\u200b' }, { id: 'a', params: 'b' }, { id: 'a', params: [{}] }]) {
      assert.equal(refusal({ action: 'template', payload: { template } }), 'SEND_REFUSED.badTemplate');
    }
    const payload = { template: { id: 'a' }, file: Buffer.from('x'), fileName: 'x.png' };
    assert.equal(refusal({ action: 'template', payload }), 'SEND_REFUSED.badFile', 'no bytes with a template');
  });
});

describe('an order to mark as read', () => {
  it('needs nothing but the chat', () => {
    for (const payload of [undefined, '', {}, 7]) {
      assert.deepEqual(order({ action: 'read', payload }), { chat: TO, action: 'read' });
    }
  });
});

describe('where an order goes', () => {
  const to = (more: object): Partial<OrderParts> => ({ to: { ...TO, ...more } });
  const chatOf = (chatId: unknown): unknown => {
    const made = order(to({ chatId }));
    return isRecord(made) ? made.chat : undefined;
  };

  it('accepts texts and numbers', () => {
    assert.deepEqual(order(to({ licenseId: 50101, chatId: 7301 })), order({}));
    assert.deepEqual(order(to({ licenseId: ' 50101 ', messengerType: ' telegram' })), order({}));
    assert.deepEqual(chatOf(-1001234567890), { ...TO, chatId: '-1001234567890' });
  });

  it('may be a phone, in any way that people write it', () => {
    for (const phone of ['+77001112233', '+7 (700) 111-22-33', '7 700 111 22 33', '7(700)111.22.33', 77001112233]) {
      assert.deepEqual(chatOf(phone), { ...TO, chatId: '77001112233' }, String(phone));
    }
  });

  it('may be a phone with any kind of blank and dash, and with invisible characters around it', () => {
    for (const phone of [
      '\u202a+77001112233\u202c',
      '+7\u00a0700\u202f111\u200922\u300033',
      '+7\u2011700\u2013111\u201422\u221233',
      '\ufeff7\u200b7001112233\n',
      '＋７ （７００） １１１－２２－３３',
    ]) {
      assert.deepEqual(chatOf(phone), { ...TO, chatId: '77001112233' }, JSON.stringify(phone));
    }
  });

  it('has no invisible characters and no blanks around it', () => {
    assert.deepEqual(chatOf(' \u200e77001112233@c.us\u2069\n'), { ...TO, chatId: '77001112233@c.us' });
    assert.deepEqual(order(to({ licenseId: '\u202a50\u00a0101\u202c', messengerType: '\u200btelegram' })), order({}));
  });

  it('is one chat: a list is refused as such', () => {
    const lists = [
      [],
      ['77001112233'],
      ['a', 'b'],
      '77001112233, 77001112244',
      '77001112233;77001112244',
      '77001112233\n77001112244',
    ];
    for (const chatId of lists) assert.equal(refusal(to({ chatId })), 'SEND_REFUSED.chatList', inspect(chatId));
  });

  it('is refused once where everything is missing', () => {
    assert.equal(refusal({ to: { licenseId: '', messengerType: null, chatId: undefined } }), 'SEND_REFUSED.noAddress');
    assert.equal(refusal(to({ licenseId: '', chatId: '' })), 'SEND_REFUSED.noAddress');
  });

  it('leaves every other id as it is', () => {
    for (const chatId of [
      '79001234567@c.us',
      '-100123',
      '79001234567-1400000000@g.us',
      'aB_c:d/e?f#g',
      '12-34',
      '..a',
    ]) {
      assert.deepEqual(chatOf(chatId), { ...TO, chatId }, chatId);
    }
  });

  it('is refused where it is missing, or can be none', () => {
    for (const chatId of [undefined, null, '', '  ', '\u200b']) {
      assert.equal(refusal(to({ chatId })), 'SEND_REFUSED.noChat', inspect(chatId));
    }
    for (const chatId of [{ id: '77001112233' }, true, NaN, 1.5, 2 ** 60, 77001112233n, new Set(['77001112233'])]) {
      assert.equal(refusal(to({ chatId })), 'SEND_REFUSED.badChat', inspect(chatId));
    }
    for (const chatId of ['.', '..', 'a b', 'a\u0000b', 'a\nb', 'a\ud800', 'x'.repeat(257)]) {
      assert.equal(refusal(to({ chatId })), 'SEND_REFUSED.badChat', chatId);
    }
    assert.equal(refusal(to({ licenseId: '' })), 'SEND_REFUSED.noLine');
    assert.equal(refusal(to({ messengerType: undefined })), 'SEND_REFUSED.noLine');
    for (const licenseId of ['1/2', 'twelve', '..', '5?']) {
      assert.equal(refusal(to({ licenseId })), 'SEND_REFUSED.badLine', licenseId);
    }
    for (const messengerType of ['gr WhatsApp', '../x', 'a/b']) {
      assert.equal(refusal(to({ messengerType })), 'SEND_REFUSED.badLine', messengerType);
    }
  });
});

describe('the sender that a send request names', () => {
  it('is the same for texts, files and templates', () => {
    const file = 'https://files.example.com/a.pdf';
    const payloads = { text: 'a', file, template: { template: { id: 'b' } } } as const;
    for (const action of ['text', 'file', 'template'] as const) {
      const made = order({ action, payload: payloads[action], sender: 'system' });
      assert.ok(isRecord(made));
      assert.equal(made.sender, 'system', action);
    }
  });
});
