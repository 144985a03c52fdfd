import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import type { Expected } from './harness/delivered';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import { success, type Answer, MESSAGES } from './server/faults';
import type { ChatMessage, Line } from './server/history';

/** The items of an answer, each changed by `change`. */
function eachItem(right: Answer, change: (item: Record<string, unknown>) => unknown): Answer {
  const data = isRecord(right.body) && isRecord(right.body.data) ? right.body.data : {};
  const items: unknown[] = Array.isArray(data.items) ? data.items : [];
  return success({ ...data, items: items.map((item) => (isRecord(item) ? change(item) : item)) });
}

describe('a listener that gets edits and repetitions, in a real Node-RED,', function () {
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
  const isSubscribed = (): boolean => chatapp.pusher.isSubscribed(channelOf(line));
  const as = (text: string): Expected => ({ chat: 'chat', text });
  const write = (text: string, more: Partial<Parameters<ChatAppServer['write']>[0]> = {}): ChatMessage =>
    chatapp.write({ line, chat: 'chat', text, ...more });

  /** The socket breaks and comes back after 40 s. */
  async function outage(meanwhile: () => void = () => undefined): Promise<void> {
    const end = await run.outage();
    await run.pass(5);
    meanwhile();
    await run.pass(35);
    end();
    await run.within(60, isSubscribed);
    await run.pass(10);
  }

  it('gets an edit once that came live and is in the history too', async () => {
    await run.listen([one]);
    const message = write('as written');
    chatapp.edit(message, 'as edited');
    await outage();
    await run.expect('one', [as('as written'), as('as edited')]);
  });

  for (const [what, empty] of [
    ['null for an empty text', { caption: null, html: null }],
    ['an empty text for null', { file: '', template: '', location: '' }],
    ['empty lists and objects for null', { textLang: [], template: {}, location: [] }],
    ['no empty fields', { caption: undefined, html: undefined, file: undefined, textLang: undefined }],
  ] as const) {
    it(`gets an edit once if the history has ${what}`, async () => {
      await run.listen([one]);
      const message = write('as written');
      chatapp.edit(message, 'as edited');
      chatapp.faults.add(MESSAGES, (right) =>
        eachItem(right, (item) => ({
          ...item,
          message: { ...(isRecord(item.message) ? item.message : {}), ...empty },
        })),
      );
      await outage();
      await run.expect('one', [as('as written'), as('as edited')]);
    });
  }

  it('gets each edit of a message, also one back to its first text', async () => {
    await run.listen([one]);
    const message = write('first');
    chatapp.edit(message, 'second');
    chatapp.edit(message, 'first');
    chatapp.edit(message, 'second');
    await run.within(20, () => run.got('one').length >= 4);
    await run.pass(5);
    const texts = run.got('one').map(({ text }) => text);
    // What came is compared by its texts: here they repeat.

    assert.deepEqual(texts, ['first', 'second', 'first', 'second']);
  });

  it('does not get the older text of a message from a history that lags behind', async () => {
    await run.listen([one]);
    const message = write('as written');
    await run.within(20, () => run.got('one').length === 1);
    chatapp.edit(message, 'as edited');
    await run.within(20, () => run.got('one').length === 2);
    chatapp.faults.add(MESSAGES, (right) =>
      eachItem(right, (item) => ({
        ...item,
        edited: false,
        message: { ...(isRecord(item.message) ? item.message : {}), text: 'as written' },
      })),
    );
    await outage();
    await run.expect('one', [as('as written'), as('as edited')]);
  });

  it('gets an edit that was made during an outage', async () => {
    await run.listen([one]);
    const message = write('as written');
    await run.pass(5);
    await outage(() => chatapp.edit(message, 'as edited'));
    await run.expect('one', [as('as written'), as('as edited')]);
  });

  it('gets an edit that was made during an outage, of a message that is two minutes old', async () => {
    await run.listen([one]);
    const message = write('as written');
    await run.pass(120);
    await outage(() => {
      chatapp.edit(message, 'as edited');
      run.say(line, 1, ['another']);
    });
    await run.within(60, () => run.got('one').length >= 3);

    assert.deepEqual(
      run.got('one').flatMap(({ chatId, text }) => (chatId === 'chat' ? [text] : [])),
      ['as written', 'as edited'],
    );
  });

  it('gets an edit once that came before and after a restart', async () => {
    await run.listen([one]);
    const message = write('as written');
    chatapp.edit(message, 'as edited');
    await run.pass(5);
    await run.stop();
    await run.start();
    await run.within(60, isSubscribed);
    await run.expect('one', [as('as written'), as('as edited')]);
  });

  it('gets a message once that the socket announces twice, also after 11 minutes', async () => {
    await run.listen([one]);
    const message = write('as written');
    chatapp.announce(message);
    await run.pass(660);
    chatapp.announce(message);
    await run.expect('one', [as('as written')]);
  });

  it('gets messages of the same id from two chats and two lines', async () => {
    const other = chatapp.addLine(50002);
    await run.listen([{ id: 'one' }]);
    const sent = ['chat', 'another'].flatMap((chat) => run.say(line, 1, [chat], { id: '7' }));
    sent.push(...run.say(other, 1, ['chat'], { id: '7' }));
    await run.pass(5);
    await outage(() => sent.push(...run.say(other, 1, ['another'], { id: '7' })));
    await run.expect('one', sent);
  });

  it('gets the statuses of its own messages if it ignores those', async () => {
    const own = { fromApp: { id: 'app_14545_1', tracking: null, sender: null } };
    await run.listen([{ ...one, events: ['message', 'messageStatus'], ignoreOwn: true }]);
    const message = write('ours', { side: 'out', more: own });
    const status = { id: message.id, time: chatapp.seconds, chat: { id: 'chat' }, side: 'out', ...own };
    for (const type of ['sent', 'delivered', 'viewed']) chatapp.happen(line, 'messageStatus', { ...status, type });
    await run.pass(5);

    assert.deepEqual(
      run.got('one').map(({ event }) => event),
      ['messageStatus', 'messageStatus', 'messageStatus'],
    );
  });
});
