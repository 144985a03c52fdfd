import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../../simulator';
import { at } from '../../support/flow';
import { connectionTo, debugNode, sharedNodeRed, type FlowNode, type NodeRedChild } from '../../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'grWhatsApp' } as const;

describe('send nodes in a real Node-RED', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;

  before(async () => {
    simulator = await startSimulator();
    nodeRed = await sharedNodeRed();
    await nodeRed.deploy(flow());
    await nodeRed.untilListening('listener');
  });
  after(async () => {
    await nodeRed.deploy([]);
    await simulator.close();
  });
  afterEach(() => simulator.faults.answerWith('send', undefined));

  const sends = (): number => simulator.requests.filter(({ path }) => path.includes('/messages/')).length;
  /** Presses the button of the inject node, which sends its text to the chat. */
  const inject = async (text: string): Promise<void> => {
    const body = JSON.stringify({ __user_inject_props__: [{ p: 'payload', v: text, vt: 'str' }] });
    const answer = await fetch(`${nodeRed.url}/inject/button`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal(answer.status, 200);
  };
  const errors = (): unknown[] => nodeRed.shownBy('caught').map((message) => at(message, 'error', 'cause', 'reason'));
  const sent = (): unknown[] => nodeRed.shownBy('sent');

  it('answer a person who writes with the text of their dialog, once, and not themselves', async () => {
    simulator.message({ ...LINE, text: 'Are you open?' });
    await nodeRed.until('the answer', () => sent().length === 1);
    assert.equal(at(sent()[0], 'chatapp', 'messageId'), at(sent()[0], 'payload', 'id'));
    simulator.message({ ...LINE, text: 'And now?' });
    await nodeRed.until('the second answer', () => sent().length === 2);
    assert.equal(sends(), 2);
  });

  it('show that they have sent, and that they have not', async () => {
    const last = (): unknown => nodeRed.statuses('send').at(-1);
    await inject('hello');
    await nodeRed.until('a green status', () => at(last(), 'fill') === 'green');
    assert.match(String(at(last(), 'text')), /^sent \d\d:\d\d$/);
    await inject(' ');
    await nodeRed.until('a red status', () => at(last(), 'fill') === 'red');
    assert.equal(at(last(), 'text'), 'not sent');
    await nodeRed.until('the error', () => errors().includes('empty'));
  });

  for (const type of ['full', 'flows', 'nodes'] as const) {
    it(`lose no answer of ChatApp to a deploy of ${type}, and send once`, async () => {
      const before = { sent: sent().length, sends: sends() };
      simulator.faults.answerWith('send', { delayMs: 1_000 });
      await inject(`in mid-deploy of ${type}`);
      await simulator.until(() => sends() > before.sends);
      await nodeRed.deploy(flow({ name: `changed for ${type}` }), type);
      await nodeRed.until('the answer', () => sent().length > before.sent);
      assert.ok(at(sent().at(-1), 'chatapp', 'messageId'));
      assert.equal(sends(), before.sends + 1);
      assert.equal(sent().length, before.sent + 1);
    });

    it(`lose no refusal to a deploy of ${type}`, async () => {
      const before = { errors: errors().length, sends: sends() };
      const body = { success: false, error: { code: 'ApiConversationWindowClosedError', message: '' } };
      simulator.faults.answerWith('send', { status: 422, body, delayMs: 1_000 });
      await inject('refused in mid-deploy');
      await simulator.until(() => sends() > before.sends);
      await nodeRed.deploy(flow({ name: `changed once more for ${type}` }), type);
      await nodeRed.until('the error', () => errors().length > before.errors);
      assert.equal(errors().at(-1), 'windowClosed');
    });
  }

  it('whose connection is changed still send what is in line', async () => {
    const before = { sent: sent().length, sends: sends() };
    simulator.faults.answerWith('send', { delayMs: 500 });
    await inject('under way');
    await inject('in line behind it');
    await simulator.until(() => sends() > before.sends);
    await nodeRed.deploy(flow({}, { recoverHours: '1' }), 'full');
    await nodeRed.until('both', () => sent().length === before.sent + 2);
    assert.equal(sends(), before.sends + 2);
  });

  it('whose connection is changed while ChatApp does not answer say of each msg what is known of it', async () => {
    const before = { errors: errors().length, sends: sends() };
    simulator.faults.answerWith('send', 'accept and hang');
    await inject('under way');
    await inject('in line behind it');
    await simulator.until(() => sends() > before.sends);
    await nodeRed.deploy(flow({}, { recoverHours: '2' }), 'full');
    await nodeRed.until('both errors', () => errors().length === before.errors + 2);
    const reported = nodeRed.shownBy('caught').slice(-2);
    const codes = reported.map(
      (message) => `${String(at(message, 'payload'))}: ${String(at(message, 'error', 'code'))}`,
    );
    assert.deepEqual(codes.sort(), ['in line behind it: SEND_REFUSED', 'under way: SEND_UNCERTAIN']);
    const warned = nodeRed.lines.filter((line) => line.includes('2 messages were still being sent'));
    assert.equal(warned.length, 1, 'the log tells what the end of Node-RED would have cost');
    assert.equal(sends(), before.sends + 1);
  });

  it('say nothing bad about all that in the log', () => {
    const odd = nodeRed.lines.filter((line) => /uncaught|unhandled|timed out|\[fatal\]/i.test(line));
    assert.deepEqual(odd, []);
  });

  function flow(changes: object = {}, connection: object = {}): FlowNode[] {
    const send = { type: 'chatapp-send', z: 'tab', connection: 'simulator', wires: [['sent']], ...changes };
    return [
      { id: 'tab', type: 'tab', label: 'Flow' },
      { ...connectionTo(simulator, 'simulator'), ...connection },
      {
        id: 'listener',
        type: 'chatapp-messenger',
        z: 'tab',
        connection: 'simulator',
        ...LINE,
        events: ['message'],
        direction: 'in',
        ignoreOwn: true,
        wires: [['reply']],
      },
      { id: 'reply', ...send, text: 'You wrote: {{payload.message.text}}', textType: 'str' },
      { id: 'button', type: 'inject', z: 'tab', props: [], wires: [['send']] },
      { id: 'send', ...send, ...LINE, chatId: '79001112233' },
      debugNode('sent', 'tab'),
      { id: 'catch', type: 'catch', z: 'tab', scope: null, uncaught: false, wires: [['caught']] },
      debugNode('caught', 'tab'),
    ];
  }
});
