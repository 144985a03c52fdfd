import assert from 'node:assert/strict';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';

describe('an employee listener that fetches what it missed, in a real Node-RED,', function () {
  this.timeout(60_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    chatapp.employees.push({ companyId: 2223, userId: 685, sees: () => true });
  });

  const employee = { id: 'employee', type: 'chatapp-employee', companyId: '2223', userId: '685' };
  const CHANNEL = 'private-v1.companies.2223.users.685';

  it('gets 300 messages of one line, if the account has 50', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => chatapp.addLine(50_001 + index));
    await run.listen([employee]);
    const sent = lines.flatMap((each) => run.say(each, 1, [`chat of ${each.licenseId}`]));
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    const [busy] = lines;
    if (busy) sent.push(...run.say(busy, 300, [`chat of ${busy.licenseId}`]));
    await run.pass(40);
    end();
    await run.expect('employee', sent, { within: 300 });
  });

  it('gets a message in a chat of which it is responsible, in a line that had brought nothing', async () => {
    const line = chatapp.addLine(50_001);
    const other = chatapp.addLine(50_002);
    await run.listen([employee]);
    const sent = run.say(line, 1);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    chatapp.history.chat(other, 'mine').responsible = 685;
    sent.push(...run.say(other, 3, ['mine']));
    await run.pass(40);
    end();
    await run.expect('employee', sent, { within: 300 });
  });

  it('does not get messages of chats that its role does not open', async () => {
    const line = chatapp.addLine(50_001);
    chatapp.employees.length = 0;
    chatapp.employees.push({ companyId: 2223, userId: 685, sees: ({ chat }) => chat.id === 'mine' });
    await run.listen([employee]);
    const sent = run.say(line, 2, ['mine']);
    run.say(line, 2, ['of a colleague']);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 2, ['mine']));
    run.say(line, 2, ['of a colleague']);
    await run.pass(40);
    end();
    await run.expect('employee', sent, { within: 300 });
  });

  it('gets a message besides the messenger listener of its line, each once', async () => {
    const line = chatapp.addLine(50_001);
    const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
    await run.listen([employee, one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 5));
    await run.pass(40);
    end();
    await run.within(60, () => chatapp.pusher.isSubscribed(CHANNEL) && chatapp.pusher.isSubscribed(channelOf(line)));
    sent.push(...run.say(line, 2));
    await run.expect('one', sent);
    await run.expect('employee', sent);
  });

  it('gets a message in a chat of which it is responsible, if the list of lines lacks its line for a moment', async () => {
    const line = chatapp.addLine(50_001);
    const other = chatapp.addLine(50_002);
    await run.listen([employee]);
    const sent = run.say(line, 1);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    chatapp.history.chat(other, 'mine').responsible = 685;
    sent.push(...run.say(other, 3, ['mine']));
    await run.pass(40);
    const { lines } = chatapp.history;
    lines.splice(lines.indexOf(other), 1);
    const before = chatapp.asked(/GET \/v1\/licenses$/).length;
    end();
    await run.within(30, () => chatapp.asked(/GET \/v1\/licenses$/).length > before);
    lines.push(other);
    await run.expect('employee', sent, { within: 300 });
  });

  it('still gets missed messages of its chats after two restarts, and none of its colleagues', async () => {
    const line = chatapp.addLine(50_001);
    chatapp.employees.length = 0;
    chatapp.employees.push({ companyId: 2223, userId: 685, sees: ({ chat }) => chat.id.startsWith('mine') });
    await run.listen([employee]);
    const sent = run.say(line, 4, ['mine 1', 'mine 2']);
    run.say(line, 1, ['of a colleague']);
    await run.pass(5);
    for (let restart = 0; restart < 2; restart += 1) {
      await run.stop();
      await run.pass(20);
      sent.push(...run.say(line, 4, ['mine 1', 'mine 2']));
      run.say(line, 2, ['of a colleague']);
      await run.start();
      await run.untilListening('employee');
    }
    await run.expect('employee', sent, { within: 300 });
  });

  it('gets what it missed in a chat that the channel only shows once it listens again', async () => {
    const line = chatapp.addLine(50_001);
    await run.listen([employee]);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    const sent = run.say(line, 2, ['new']);
    run.say(line, 2, ['another']);
    await run.pass(40);
    end();
    await run.within(60, () => chatapp.pusher.isSubscribed(CHANNEL));
    await run.pass(5);
    sent.push(...run.say(line, 1, ['new']));
    await run.expect('employee', sent, { within: 300, inOrder: false });
  });

  it('reports once that messages of other chats may be missing', async () => {
    const line = chatapp.addLine(50_001);
    await run.listen([employee]);
    for (let loss = 0; loss < 2; loss += 1) {
      const end = await run.outage();
      await run.pass(5);
      run.say(line, 2, ['of a colleague']);
      await run.pass(5);
      end();
      await run.within(60, () => chatapp.pusher.isSubscribed(CHANNEL));
      await run.pass(90);
    }
    assert.deepEqual(run.errors, ['RECOVERY_FAILED']);
    assert.match(run.got('errors')[0]?.failure?.message ?? '', /an employee channel follows the role/);
    assert.deepEqual(run.got('employee'), []);
  });
});
