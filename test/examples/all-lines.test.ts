import assert from 'node:assert/strict';
import { ExampleStage } from '../support/example-stage';

const SUPPORT = { licenseId: '50101', messengerType: 'telegram' } as const;
const SALES = { licenseId: '50102', messengerType: 'instagram' } as const;
const OUTPUTS = ['support', 'sales', 'another line: WhatsApp', 'another line: other messengers'] as const;

describe('the example all-lines-one-flow', () => {
  let stage: ExampleStage;

  before(async () => {
    stage = await ExampleStage.start();
  });

  after(() => stage.close());

  it('hears every line with one node, also one that was not named, and sorts the messages by line', async () => {
    stage.simulator.account.addLine({ licenseId: 50103, messengers: ['grWhatsApp', 'telegram'] });
    const variables = { SUPPORT_LINE: '50101', SALES_LINE: '50102' };
    const flow = await stage.run('all-lines/one-flow', { variables });
    stage.simulator.message({ ...SUPPORT, text: 'for support' });
    stage.simulator.message({ ...SUPPORT, messengerType: 'grWhatsApp', text: 'for support as well' });
    stage.simulator.message({ ...SALES, text: 'for sales' });
    stage.simulator.message({ licenseId: '50103', messengerType: 'grWhatsApp', text: 'from a new line' });
    stage.simulator.message({ licenseId: '50103', messengerType: 'telegram', text: 'from a new line, too' });
    const shown = (): unknown[][] => OUTPUTS.map((name) => flow.shown(name));
    await stage.nodeRed.until('all five', () => shown().flat().length >= 5);
    assert.deepEqual(shown(), [
      ['for support', 'for support as well'],
      ['for sales'],
      ['from a new line'],
      ['from a new line, too'],
    ]);
  });

  it('drops nothing where the variables are empty', async () => {
    const flow = await stage.run('all-lines/one-flow');
    stage.simulator.message({ ...SUPPORT, text: 'one' });
    stage.simulator.message({ ...SALES, text: 'two' });
    const shown = (): unknown[] => OUTPUTS.flatMap((name) => flow.shown(name));
    await stage.nodeRed.until('both', () => shown().length >= 2);
    assert.deepEqual(flow.shown('another line: other messengers'), ['one', 'two']);
  });
});
