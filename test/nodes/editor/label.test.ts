import assert from 'node:assert/strict';
import {
  companyLabel,
  employeeLabel,
  labelStyle,
  messengerLabel,
  userLabel,
  type LabelSettings,
} from '../../../nodes/shared/editor/label';
import { catalogue } from './catalogue';

const texts = catalogue('chatapp-connection');

/** Fills texts of the English catalogue as the editor does. */
function text(key: string, params: Readonly<Record<string, string | number>> = {}): string {
  return (texts.get(key) ?? key).replace(/__(\w+)__/g, (place, name: string) => String(params[name] ?? place));
}

describe('the label of a listener in the workspace', () => {
  const labels = [messengerLabel, companyLabel, userLabel, employeeLabel];

  it('is the name, where there is one', () => {
    const node: LabelSettings = { name: 'Sales', licenseId: '4711', companyId: '2300', userId: '77' };
    for (const label of labels) assert.equal(label(node, text), 'Sales');
  });

  it('else says what it listens to', () => {
    assert.equal(messengerLabel({ licenseId: '4711', messengerType: 'grWhatsApp' }, text), 'line 4711 grWhatsApp');
    assert.equal(messengerLabel({ licenseId: 4711 }, text), 'line 4711');
    assert.equal(messengerLabel({ messengerType: 'telegram' }, text), 'all lines telegram');
    assert.equal(messengerLabel({ name: '', licenseId: '', messengerType: '' }, text), 'all lines');
    assert.equal(messengerLabel({ licenseId: '${LINE}' }, text), 'line ${LINE}');
    assert.equal(companyLabel({ companyId: '2300' }, text), 'company 2300');
    assert.equal(userLabel({ userId: '77' }, text), 'user 77');
    assert.equal(employeeLabel({ companyId: '2300', userId: '77' }, text), 'user 77 in company 2300');
  });

  it('is the kind of node as long as nothing is filled in', () => {
    assert.deepEqual(
      [companyLabel, userLabel, employeeLabel].map((label) => label({}, text)),
      ['company', 'user', 'employee'],
    );
  });

  it('is never empty, whatever a flow made by hand holds', () => {
    for (const odd of [null, {}, [], true, '', '  ']) {
      const node: LabelSettings = { name: odd, licenseId: odd, messengerType: odd, companyId: odd, userId: odd };
      for (const label of labels) assert.notEqual(label(node, text).trim(), '');
    }
  });

  it('is in italics only where it is a name', () => {
    assert.equal(labelStyle({ name: 'Sales' }), 'node_label_italic');
    assert.equal(labelStyle({ name: '' }), '');
  });
});
