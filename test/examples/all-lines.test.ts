import assert from 'node:assert/strict';
import { ExampleHarness } from '../support/example-harness';

const SUPPORT = { licenseId: '50101', messengerType: 'telegram' } as const;
const SALES = { licenseId: '50102', messengerType: 'instagram' } as const;
const OUTPUTS = ['support', 'sales', 'another line: WhatsApp', 'another line: other messengers'] as const;

describe('the example all-lines-one-flow', () => {
  let harness: ExampleHarness;

  before(async () => {
    harness = await ExampleHarness.start();
  });

  after(() => harness.close());

  it('receives every line with one node, also one that was not named, and sorts the messages by line', async () => {
    harness.simulator.account.addLine({ licenseId: 50103, messengers: ['grWhatsApp', 'telegram'] });
    const variables = { SUPPORT_LINE: '50101', SALES_LINE: '50102' };
    const flow = await harness.run('all-lines/one-flow', { variables });
    harness.simulator.message({ ...SUPPORT, text: 'for support' });
    harness.simulator.message({ ...SUPPORT, messengerType: 'grWhatsApp', text: 'for support as well' });
    harness.simulator.message({ ...SALES, text: 'for sales' });
    harness.simulator.message({ licenseId: '50103', messengerType: 'grWhatsApp', text: 'from a new line' });
    harness.simulator.message({ licenseId: '50103', messengerType: 'telegram', text: 'from a new line, too' });
    const shown = (): unknown[][] => OUTPUTS.map((name) => flow.shown(name));
    await harness.nodeRed.until('all five', () => shown().flat().length >= 5);
    assert.deepEqual(shown(), [
      ['for support', 'for support as well'],
      ['for sales'],
      ['from a new line'],
      ['from a new line, too'],
    ]);
  });

  it('drops nothing where the variables are empty', async () => {
    const flow = await harness.run('all-lines/one-flow');
    harness.simulator.message({ ...SUPPORT, text: 'one' });
    harness.simulator.message({ ...SALES, text: 'two' });
    const shown = (): unknown[] => OUTPUTS.flatMap((name) => flow.shown(name));
    await harness.nodeRed.until('both', () => shown().length >= 2);
    assert.deepEqual(flow.shown('another line: other messengers'), ['one', 'two']);
  });
});
