import assert from 'node:assert/strict';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import type { Line } from './server/history';

const HOUR = 3_600;
const DAY = 24 * HOUR;

describe('a listener on a machine whose clock is wrong, in a real Node-RED,', function () {
  this.timeout(60_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  let line: Line;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    line = chatapp.addLine(50001);
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
  const two = { ...one, id: 'two' };
  const isSubscribed = (): boolean => chatapp.pusher.isSubscribed(channelOf(line));

  for (const [what, seconds] of [
    ['3 days behind', -3 * DAY],
    ['3 days ahead', 3 * DAY],
    ['40 s ahead', 40],
  ] as const) {
    it(`gets what was missed if the clock is ${what} all the time`, async () => {
      await run.correctClock(seconds);
      await run.listen([one]);
      const sent = run.say(line, 3);
      await run.pass(5);
      const end = await run.outage();
      await run.pass(5);
      sent.push(...run.say(line, 5));
      await run.pass(60);
      end();
      await run.expect('one', sent);
    });
  }

  const correctedAfterStart = async (wrong: number): Promise<void> => {
    await run.correctClock(wrong);
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    await run.correctClock(-wrong);
    await run.pass(5);
    await run.listen([one, two]);
    await run.pass(2);
    const later = run.say(line, 2);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    later.push(...run.say(line, 10));
    await run.pass(60);
    end();
    await run.expect('one', [...sent, ...later]);
    await run.expect('two', later);
  };

  it('gets what was missed if the clock is put back by 3 days after the start, and so does a listener that was added later', () =>
    correctedAfterStart(3 * DAY));

  for (const [what, wrong] of [
    ['3 days', -3 * DAY],
    ['10 minutes', -600],
  ] as const) {
    it(`gets what was missed if the clock is put forward by ${what} after the start, and so does a listener that was added later`, () =>
      correctedAfterStart(wrong));
  }

  it('gets what was missed by a second listener of another line that was added after the clock was put forward', async () => {
    const other = chatapp.addLine(50002);
    await run.correctClock(-3 * DAY);
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    await run.correctClock(3 * DAY);
    await run.listen([one, { ...two, licenseId: '50002' }]);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    const missed = run.say(other, 10);
    sent.push(...run.say(line, 10));
    await run.pass(60);
    end();
    await run.expect('two', missed);
    await run.expect('one', sent);
  });

  const correctedBeforeStop = async (seconds: number): Promise<void> => {
    await run.listen([one]);
    const sent = run.say(line, 5);
    await run.pass(60);
    await run.correctClock(seconds);
    await run.pass(5);
    sent.push(...run.say(line, 30, ['chat', 'another']));
    await run.pass(5);
    await run.stop();
    sent.push(...run.say(line, 5));
    await run.start();
    await run.expect('one', sent);
  };

  it('gets nothing twice if the clock is put forward by an hour before a graceful restart', () =>
    correctedBeforeStop(HOUR));

  it('gets nothing twice if the clock is put back by an hour before a graceful restart', () =>
    correctedBeforeStop(-HOUR));

  it('gets nothing twice and loses nothing if the clock is put back by an hour while Node-RED is off', async () => {
    await run.listen([one]);
    const sent = run.say(line, 30, ['chat', 'another']);
    await run.pass(5);
    await run.stop();
    sent.push(...run.say(line, 5));
    await run.correctClock(-HOUR);
    await run.start();
    await run.expect('one', sent);
  });

  it('gets nothing from before its first start if its clock is behind', async () => {
    await run.correctClock(-HOUR);
    run.say(line, 5);
    await run.pass(10);
    await run.listen([one]);
    await run.pass(2);
    const sent = run.say(line, 3);
    const end = await run.outage();
    await run.pass(40);
    end();
    await run.expect('one', sent);
  });

  it('gets what was missed if the API cannot be reached for a while after a start with a clock that is ahead', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    await run.stop();
    await run.correctClock(3 * DAY);
    const repair = chatapp.faults.add(/./, () => ({ status: 0, body: '', breaks: true }));
    await run.start();
    await run.pass(60);
    repair();
    assert.ok(await run.within(120, isSubscribed));
    sent.push(...run.say(line, 2));
    // Until the gap of the start is closed.
    await run.pass(90);
    const end = await run.outage();
    sent.push(...run.say(line, 5));
    await run.pass(60);
    end();
    await run.expect('one', sent);
  });

  it('gets what was missed after one answer with a time that is 3 hours ahead', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(200);
    const end = await run.outage();
    end();
    await run.within(30, isSubscribed);
    await run.pass(20);
    // The last answer for a while: the list of chats, a minute after the subscription.
    const before = chatapp.requests.length;
    chatapp.faults.add(/./, (right) => ({ ...right, ahead: 3 * HOUR * 1_000 }), 1);
    await run.pass(120);
    assert.equal(chatapp.requests.length, before + 1);
    sent.push(...run.say(line, 2));
    await run.pass(30);
    const endAgain = await run.outage();
    sent.push(...run.say(line, 10));
    await run.pass(60);
    endAgain();
    await run.expect('one', sent);
  });

  it('gets what was missed after some minutes in which all answers had a time that is an hour ahead', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    const endWrongTime = chatapp.faults.add(/./, (right) => ({ ...right, ahead: HOUR * 1_000 }));
    const end = await run.outage();
    await run.pass(20);
    end();
    await run.within(30, isSubscribed);
    await run.pass(100);
    endWrongTime();
    for (let outages = 0; outages < 2; outages += 1) {
      const endAgain = await run.outage();
      sent.push(...run.say(line, 10));
      await run.pass(60);
      endAgain();
      await run.within(30, isSubscribed);
      await run.pass(120);
    }
    await run.expect('one', sent);
  });

  it('gets what was sent while the machine was asleep', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    // A machine that sleeps has a wall clock that goes on, and a monotonic one that stands still.
    chatapp.pusher.drop();
    await chatapp.pusher.untilClosed();
    chatapp.ahead += 2 * HOUR * 1_000;
    sent.push(...run.say(line, 5));
    await run.correctClock(2 * HOUR);
    await run.within(60, isSubscribed);
    await run.expect('one', sent);
  });
});
