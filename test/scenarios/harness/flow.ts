import type { FlowNode } from '../../support/node-red-child';
import type { ChatAppServer } from '../server/chatapp';

/** A listener node; what it sends goes to a collector. */
export interface ListenerSpec {
  readonly id: string;
  /** Default: `chatapp-messenger`. */
  readonly type?: string;
  /** How long the flow works on each message, in ms. */
  readonly slow?: number;
  readonly [property: string]: unknown;
}

/** A tab with these listeners, and a Catch node; each with a collector, whose id is `at-<listener>` or `at-errors`. */
export function flowOf(
  chatapp: ChatAppServer,
  connectionId: string,
  connection: object,
  listeners: readonly ListenerSpec[],
): FlowNode[] {
  const [account] = chatapp.accounts.all;
  const collector = (id: string, slow = 0): FlowNode => ({
    id: `at-${id}`,
    type: 'collect',
    z: 'tab',
    slow,
    wires: [],
  });
  return [
    { id: 'tab', type: 'tab', label: 'Scenario' },
    {
      id: connectionId,
      type: 'chatapp-connection',
      name: '',
      version: 1,
      auth: 'account',
      apiUrl: chatapp.url,
      socketUrl: chatapp.url.replace('http', 'ws'),
      appKey: 'ChatsAppApiProdKey',
      credentials: { email: account?.email, password: account?.password, appId: account?.appId },
      ...connection,
    },
    ...listeners.flatMap(({ slow, ...properties }) => [
      {
        type: 'chatapp-messenger',
        z: 'tab',
        name: '',
        version: 1,
        connection: connectionId,
        events: ['message'],
        direction: 'any',
        outputs: 1,
        wires: [[`at-${properties.id}`]],
        ...properties,
      },
      collector(properties.id, slow),
    ]),
    { id: 'catch', type: 'catch', z: 'tab', scope: null, uncaught: false, wires: [['at-errors']] },
    collector('errors'),
  ];
}
