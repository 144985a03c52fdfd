import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { missing, type Expected } from './harness/delivered';
import { ScenarioRun } from './harness/scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import type { Line } from './server/history';

/** Requests that authorise a channel. */
const AUTHORISATION = /broadcasting\/auth/;

describe('a listener on 1,000 lines, in a real Node-RED,', function () {
  this.timeout(120_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  const all = { id: 'all' };
  let lines: Line[];
  let sent: Expected[];
  const isComplete = (): boolean => lines.every((line) => chatapp.pusher.isSubscribed(channelOf(line)));

  before(async () => {
    run = await ScenarioRun.start();
    chatapp = await run.begin();
    lines = Array.from({ length: 1_000 }, (_, index) => chatapp.addLine(60_000 + index));
    await run.deploy([all]);
    await run.within(300, isComplete);
    await run.pass(5);
    sent = lines.flatMap((line) => run.say(line, 1, [`chat of ${line.licenseId}`]));
    await run.within(60, () => missing(run.got('all'), sent) === 0);
  });

  after(() => run.close());

  it('writes less than 5 KB a second at one message a second', async () => {
    await run.pass(30);
    const before = await written();
    for (let count = 0; count < 40; count += 1) {
      const line = lines[(count * 37) % 1_000];
      assert.ok(line);
      sent.push(...run.say(line, 1));
      await run.pass(1);
    }
    const bytes = (await written()) - before;
    assert.ok(bytes < 40 * 5_000, `${Math.round(bytes / 40_000)} KB a second`);
    await run.expect('all', sent);
  });

  it('gets a live message of the busiest line before 300 of the others are subscribed again after a drop', async () => {
    const busy = lines[777];
    assert.ok(busy);
    for (let count = 0; count < 20; count += 1) {
      sent.push(...run.say(busy, 1));
      await run.pass(1);
    }
    chatapp.pusher.drop();
    await chatapp.pusher.untilClosed();
    await run.within(30, () => chatapp.pusher.isSubscribed(channelOf(busy)));
    const before = chatapp.asked(AUTHORISATION).length;
    const live = run.say(busy, 1);
    sent.push(...live);
    await run.within(60, () => missing(run.got('all'), live) === 0);
    // 50 requests are allowed in a second.
    const others = chatapp.asked(AUTHORISATION).length - before;
    assert.ok(others < 300, `${others} others were authorised first`);
    await run.expect('all', sent, { within: 400 });
  });

  it('has filled the gaps of all lines within 100 seconds after a drop', async () => {
    const end = await run.outage();
    await run.pass(5);
    sent.push(...lines.slice(-20).flatMap((line) => run.say(line, 1, [`chat of ${line.licenseId}`])));
    end();
    const isInTime = await run.within(100, () => missing(run.got('all'), sent) === 0);
    assert.ok(isInTime, `${missing(run.got('all'), sent)} have not come`);
    await run.expect('all', sent);
  });

  /** Bytes that Node-RED has written, without what the collector printed. */
  async function written(): Promise<number> {
    const text = await readFile(`/proc/${run.nodeRed.pid ?? 0}/io`, 'utf8');
    const bytes = Number(/^wchar: (\d+)$/m.exec(text)?.[1]);
    return bytes - run.nodeRed.lines.reduce((sum, line) => sum + line.length + 1, 0);
  }
});
