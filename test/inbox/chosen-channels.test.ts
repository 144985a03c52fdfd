import assert from 'node:assert/strict';
import { ChosenChannels } from '../../src/inbox/chosen-channels';

describe('ChosenChannels', () => {
  it('names the one channel of a choice', () => {
    const line = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
    assert.deepEqual(ChosenChannels.namedBy(line), new Set(['private-v1.licenses.50101.messengers.telegram']));
    assert.deepEqual(
      ChosenChannels.namedBy({ type: 'company', companyId: '2224' }),
      new Set(['private-v1.companies.2224']),
    );
  });

  it('leaves a choice without a line or a messenger to the lines of the account', () => {
    for (const choice of [{}, { licenseId: '50101' }, { messengerType: 'telegram', licenseId: '' }]) {
      assert.equal(ChosenChannels.namedBy({ type: 'messenger', ...choice }), undefined);
    }
  });

  it('rejects a malformed id', () => {
    assert.throws(() => ChosenChannels.namedBy({ type: 'user', userId: '1.2' }), RangeError);
  });
});
