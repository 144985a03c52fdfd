import type { NodeAPI } from 'node-red';
import { CHANNEL_TYPES, eventsOf, isKnownEvent, type ChannelType } from '../../src/events';
import type { ChannelChoice } from '../../src/inbox/listener';
import { messageOf } from '../shared/message';
import type { Routes } from './routes';
import { isSampleSender, sampleNaming, sampleOf } from '../shared/sample';

type Query = Readonly<Record<string, unknown>>;

/**
 * - `POST chatapp/sample/<node id>` lets a listener send a sample through its flow, as the button in the editor asks
 *   for. Only for users who may write; answers 404 where the node is not deployed.
 * - `GET chatapp/sample/<type of channel>/<event>` is the `msg` that it would send. The ids of the listener
 *   (`licenseId`, `messengerType`, `companyId`, `userId`) may follow as a query: what is not there, or is none, is made
 *   up. Answers 404 for an event that does not come on such channels.
 */
export function serveSamples(RED: Pick<NodeAPI, 'nodes'>, routes: Routes): void {
  routes.post('/chatapp/sample/:id', 'chatapp.write', (request, response) => {
    const { id } = request.params;
    const node: unknown = typeof id === 'string' ? RED.nodes.getNode(id) : undefined;
    if (isSampleSender(node)) response.json({ event: node.sendSample() });
    else response.sendStatus(404);
  });
  routes.get('/chatapp/sample/:type/:event', 'chatapp.read', (request, response) => {
    const { type: name, event } = request.params;
    const type = CHANNEL_TYPES.find((one) => one === name);
    const isOfChannel = type && eventsOf(type).some((entry) => entry.name === event);
    if (!isOfChannel || typeof event !== 'string' || !isKnownEvent(event)) return void response.sendStatus(404);
    const sample = sampleOf(event, choiceOf(type, request.query));
    if (sample) response.json(messageOf(sample, sampleNaming(sample)));
    else response.sendStatus(404);
  });
}

function choiceOf(type: ChannelType, query: Query): ChannelChoice {
  const id = (name: string): string => {
    const value = query[name];
    return typeof value === 'string' ? value : '';
  };
  switch (type) {
    case 'messenger':
      return { type, licenseId: id('licenseId'), messengerType: id('messengerType') };
    case 'company':
      return { type, companyId: id('companyId') };
    case 'user':
      return { type, userId: id('userId') };
    case 'employee':
      return { type, companyId: id('companyId'), userId: id('userId') };
  }
}
