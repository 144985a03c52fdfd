import assert from 'node:assert/strict';
import { type ApiAnswer, type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ask, pageIn } from '../api-client';
import { Subscriber } from '../subscriber';

const CHAT = '/v1/licenses/50101/messengers/telegram/chats/77000000001';
const TEXT = `${CHAT}/messages/text`;

describe('sending fails on command', () => {
  let simulator: Simulator;
  let subscriber: Subscriber;

  /** The status, or what became of the request. */
  const send = (text: string, signal?: AbortSignal): Promise<number | string> =>
    fetch(simulator.url + TEXT, {
      method: 'POST',
      headers: { authorization: simulator.account.accessToken },
      body: JSON.stringify({ text }),
      ...(signal && { signal }),
    }).then(({ status }) => status, String);
  const written = async (): Promise<unknown[]> => {
    const { items } = pageIn(await ask(simulator, `GET ${CHAT}/messages?direction=next`));
    return items.map(({ message }) => (isRecord(message) ? message.text : undefined));
  };
  /** The text of the next message that is announced. */
  const announced = async (): Promise<unknown> => {
    const { message } = await subscriber.nextItem();
    return isRecord(message) ? message.text : undefined;
  };

  beforeEach(async () => {
    simulator = await startSimulator();
    subscriber = await Subscriber.to(simulator, 'private-v1.licenses.50101.messengers.telegram');
    simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: '77000000001', text: 'hello' });
    assert.equal(await announced(), 'hello');
  });
  afterEach(() => simulator.close());

  const REFUSED: readonly ApiAnswer[] = [
    { status: 429, body: '', headers: { 'retry-after': '1' } },
    { status: 500, body: '<html>' },
    { status: 422, body: { success: false, error: { code: 'ApiSomethingError', message: 'No' } } },
  ];
  for (const answer of REFUSED) {
    it(`with ${JSON.stringify(answer)}, for as many requests as was set`, async () => {
      const { status } = typeof answer === 'object' && 'status' in answer ? answer : { status: 0 };
      simulator.faults.answerWith('send', answer, 2);
      assert.deepEqual([await send('a'), await send('b'), await send('c')], [status, status, 200]);
      assert.deepEqual(await written(), ['hello', 'c']);
    });
  }

  it('by the end of the connection, with nothing sent', async () => {
    simulator.faults.answerWith('send', 'hang up');
    assert.match(String(await send('a')), /fetch failed/);
    assert.deepEqual(await written(), ['hello']);
  });

  it('by the end of the connection, with the message sent all the same', async () => {
    simulator.faults.answerWith('send', 'accept and hang up', 1);
    assert.match(String(await send('a')), /fetch failed/);
    assert.deepEqual(await written(), ['hello', 'a']);
    assert.equal(await send('b'), 200);
  });

  it('by silence, with the message sent all the same', async () => {
    simulator.faults.answerWith('send', 'accept and hang');
    const waitLimit = new AbortController();
    const hanging = send('a', waitLimit.signal);
    assert.equal(await announced(), 'a');
    waitLimit.abort();
    assert.match(String(await hanging), /AbortError/);
  });

  it('by the answer of a gateway that timed out, with the message sent all the same', async () => {
    simulator.faults.answerWith('send', { status: 504, body: '', accepts: true }, 1);
    assert.equal(await send('a'), 504);
    assert.equal(await announced(), 'a');
  });

  it('by an answer that comes too late: the message is sent though nobody waits any more', async () => {
    simulator.faults.answerWith('send', { delayMs: 50 });
    const waitLimit = new AbortController();
    const late = send('a', waitLimit.signal);
    await simulator.until((it) => it.requestsTo(TEXT).length === 1);
    waitLimit.abort();
    assert.match(String(await late), /AbortError/);
    assert.equal(await announced(), 'a');
  });

  it('and so does marking as read', async () => {
    simulator.faults.answerWith('read', { status: 503, body: '' }, 1);
    assert.equal((await ask(simulator, `PATCH ${CHAT}/read`)).status, 503);
    assert.equal((await ask(simulator, `PATCH ${CHAT}/read`)).status, 200);
  });
});
