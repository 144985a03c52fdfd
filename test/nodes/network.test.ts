import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import { makeCertificate, type Certificate } from '../support/certificate';
import { at, coreNode, Flow } from '../support/flow';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

describe('a connection to a server with a certificate of its own', () => {
  let flow: Flow;
  let certificate: Certificate;
  before(async () => {
    certificate = makeCertificate();
    flow = await Flow.start({ tls: certificate });
  });
  afterEach(() => flow.unload());
  after(() => flow.stop());

  const LISTENER = {
    id: 'listener',
    type: 'chatapp-messenger',
    connection: 'connection',
    licenseId: '50101',
    messengerType: 'telegram',
    wires: [['out']],
  };
  const NODES = [
    LISTENER,
    { id: 'out', type: 'collect' },
    { id: 'catcher', type: 'catch', wires: [['caught']] },
    { id: 'caught', type: 'collect' },
  ];
  const tls = { id: 'tls', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true };

  it('trusts the CA of the chosen TLS configuration, for requests and for the socket', async () => {
    const { email, password, appId } = flow.simulator.account;
    const secrets = [{ email, password, appId }, { tls: { cadata: certificate.ca } }] as const;
    await flow.load([tls, flow.connection({ tls: 'tls' }), ...NODES], ...secrets, [await coreNode('network/05-tls')]);
    await flow.listening(CHANNEL);
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', text: 'over TLS' });
    const [message] = await flow.messages('out');
    assert.equal(at(message, 'payload', 'message', 'text'), 'over TLS');
  });

  it('trusts nobody without one, and says what to do', async () => {
    await flow.load([flow.connection(), ...NODES]);
    const [error] = await flow.messages('caught');
    assert.equal(at(error, 'error', 'code'), 'CONNECTION_REFUSED');
    assert.match(String(at(error, 'error', 'message')), /not trusted.*Choose a TLS configuration/);
    const shown = at(helper.getNode('listener'), 'status', 'lastCall', 'args', '0');
    assert.equal(`${String(at(shown, 'fill'))} ${String(at(shown, 'shape'))}`, 'red ring');
  });
});
