import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../../simulator';
import { register } from '../../package/definition';
import { at } from '../../support/flow';
import {
  connectionTo,
  debugNode,
  startNodeRedChild,
  type FlowNode,
  type NodeRedChild,
} from '../../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'grWhatsApp' };
const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
/** Events that follow each text: the message, and that it was sent, delivered and viewed. */
const ECHOES = 4;

/** A node as the editor makes it when it is dragged out of the palette. */
function dropped(type: string): FlowNode {
  const html = readFileSync(join(__dirname, `../../../dist/nodes/${type}/${type}.html`), 'utf8');
  const properties = Object.entries(register(html).defaults).map(([name, { value }]) => [name, value] as const);
  return { id: '', type, ...Object.fromEntries(properties) };
}

describe('a flow that answers every message with a text, in a real Node-RED,', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;

  beforeEach(async () => {
    simulator = await startSimulator({ statusDelay: 5 });
    nodeRed = await startNodeRedChild();
  });
  afterEach(async () => {
    await nodeRed.stop();
    await simulator.close();
  });

  const texts = (): number => simulator.requests.filter(({ path }) => path.endsWith('/messages/text')).length;

  /** Listener → change payload → send, with everything that happens in the line and every error shown. */
  async function deploy(listener: FlowNode, send: FlowNode): Promise<void> {
    const answer = [{ t: 'set', p: 'payload', pt: 'msg', to: 'Hello!', tot: 'str' }];
    const own = { z: 'tab', connection: 'connection' };
    await nodeRed.deploy([
      TAB,
      connectionTo(simulator, 'connection'),
      { ...listener, ...own, id: 'listener', wires: [['answer']] },
      { id: 'answer', type: 'change', z: 'tab', rules: answer, wires: [['send']] },
      { ...send, ...own, id: 'send', wires: [['sent']] },
      { ...dropped('chatapp-messenger'), ...own, id: 'all', events: [], direction: 'any', wires: [['events']] },
      { id: 'catch', type: 'catch', z: 'tab', scope: null, uncaught: false, wires: [['errors']] },
      ...['events', 'sent', 'errors'].map((id) => debugNode(id, 'tab')),
    ]);
    await nodeRed.untilListening('listener', 'all');
  }

  it('sends one text for each message with nodes as they are dropped', async () => {
    await deploy(dropped('chatapp-messenger'), dropped('chatapp-send'));
    simulator.message({ ...LINE, text: 'hi' });
    await nodeRed.until('the statuses', () => nodeRed.shownBy('events').length === 1 + ECHOES);
    assert.equal(texts(), 1);
    // In the order of its chat, an answer to one of those events would be sent before this one.
    simulator.message({ ...LINE, text: 'hi again' });
    await nodeRed.until('the second answer', () => nodeRed.shownBy('sent').length === 2);
    assert.equal(texts(), 2);
    assert.deepEqual(nodeRed.shownBy('errors'), []);
  });

  it('sends ten texts at most with nodes of before versions that get everything, and then an error to Catch', async () => {
    await deploy({ id: '', type: 'chatapp-messenger' }, { id: '', type: 'chatapp-send', action: 'text' });
    simulator.message({ ...LINE, text: 'hi' });
    const events = 1 + 10 * ECHOES;
    await nodeRed.until('an error for each further event', () => nodeRed.shownBy('errors').length === events - 10);
    assert.equal(texts(), 10);
    for (const message of nodeRed.shownBy('errors')) {
      assert.equal(at(message, 'error', 'code'), 'SEND_REFUSED');
      assert.equal(at(message, 'error', 'cause', 'reason'), 'loop');
      assert.match(
        String(at(message, 'error', 'message')),
        /answers its own messages.*“Incoming only”.*“Limit per minute”/,
      );
    }
    const { fill, shape, text } = nodeRed.statuses('send').at(-1) ?? {};
    assert.deepEqual([fill, shape, text], ['red', 'ring', 'looks like a loop']);
  });
});
