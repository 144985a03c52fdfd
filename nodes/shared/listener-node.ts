import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { shownTime, systemClock } from '../../src/clock';
import type { ChatAppError } from '../../src/errors';
import type { Delivery } from '../../src/inbox/delivery';
import type { ChannelChoice } from '../../src/inbox/listener';
import type { Status } from '../../src/status';
import { connectionMissing, isConnectionNode, type ConnectionNode, type NodeListener } from './connection-node';
import { ListenerRegistry } from './listener-registry';
import { messageOf, nextMessageId, type Naming } from './message';
import { MAX_IN_FLIGHT, MAX_ACK_SECONDS } from './field-values';
import { isUnversioned, migrate, type Migration } from './migration';
import { captureNextNodes, wiresOf } from './next-nodes';
import { inOutputOrder } from './output-order';
import { report } from './report';
import { sampleNaming, sampleSender } from './sample';
import { inOne, Settings } from './settings';
import type { Acknowledger } from './acknowledger';
import { nodeStatus } from './status';

/** Where a kind of listener listens, out of its saved properties. */
export type ReadChannel = (settings: Settings) => ChannelChoice;

/** Makes the constructor of a listener node: all four kinds differ only in the channel. */
export function listenerNode(RED: NodeAPI, migration: Migration, readChannel: ReadChannel) {
  const listeners = ListenerRegistry.of(RED);
  return function (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const show = (status: Status): void => this.status(nodeStatus(RED, status, shownTime(systemClock)));
    const settings = new Settings(migrate(saved, migration));
    const listener = {
      channel: readChannel(settings),
      events: settings.names('events'),
      // Nodes of channels without directions may hold one that was saved before versions: it is ignored.
      ...('direction' in migration.defaults
        ? readDirection(settings, saved)
        : ({ direction: 'any', ignoreOwn: false } as const)),
      ack: settings.choice('ack', ['sent', 'done'], 'sent'),
      ackSeconds: settings.number('ackSeconds', 1, MAX_ACK_SECONDS, 60),
      inFlight: settings.integer('inFlight', 1, MAX_IN_FLIGHT, 100),
    };
    const separate = settings.flag('separate', false);
    const outputs = separate ? inOutputOrder(listener.events, listener.channel.type) : [];
    /** The connection since the last deploy. */
    let current: ConnectionNode | undefined;
    const sendSample = sampleSender(listener, (sample) => {
      this.send(routed(sample, sampleNaming(sample, current?.namingOf(sample)), outputs));
    });
    Object.assign(this, { sendSample });
    const connectionId = settings.requiredText('connection', 'connection');
    const acknowledge: Acknowledger['acknowledge'] = (deliveryToken, outcome, failure) => {
      const connection: unknown = RED.nodes.getNode(connectionId);
      return isConnectionNode(connection) && connection.acknowledge(deliveryToken, outcome, failure);
    };
    Object.assign(this, { ack: listener.ack, acknowledge });

    const reported = new Set<string>();
    const reportOnce = (problem: ChatAppError): void => {
      if (!reported.has(problem.message)) report(RED, this, problem);
      reported.add(problem.message);
    };
    listeners.add(this, connectionId, () => {
      // A deploy may have recreated or removed it without this node.
      const connection: unknown = RED.nodes.getNode(connectionId);
      const isMissing = connectionId !== '' && !isConnectionNode(connection);
      const problems = inOne([...settings.problems, ...(isMissing ? [connectionMissing()] : [])]);
      if (problems.length > 0 || !isConnectionNode(connection)) {
        show({ kind: 'configInvalid' });
        problems.forEach(reportOnce);
        return undefined;
      }
      current = connection;
      return connection.listen(this, {
        ...listener,
        id: this.id,
        onItem: (delivery) => this.send(routed(delivery, connection.namingOf(delivery), outputs)),
        trackDelivery: ({ event }) => {
          const output = outputs.length === 0 ? undefined : outputs.indexOf(event);
          return captureNextNodes((id) => RED.nodes.getNode(id), wiresOf(this, output));
        },
        onStatus: show,
        onError: (error, delivery) => {
          report(RED, this, error, delivery && messageOf(delivery, connection.namingOf(delivery)));
        },
      });
    });
  };
}

function readDirection(
  settings: Settings,
  saved: NodeDef,
): Pick<NodeListener, 'direction' | 'keepStatuses' | 'ignoreOwn' | 'skipGroups' | 'skipEdited'> {
  return {
    direction: settings.choice('direction', ['any', 'in', 'out'], 'any'),
    // Until it is edited: then the dialog says what changes.
    keepStatuses: isUnversioned(saved),
    ignoreOwn: settings.flag('ignoreOwn', false),
    skipGroups: settings.flag('skipGroups', false),
    skipEdited: settings.flag('skipEdited', false),
  };
}

/** The message at its event's output; with a single output, the message alone. */
function routed(delivery: Delivery, naming: Naming, outputs: readonly string[]): NodeMessage | (NodeMessage | null)[] {
  const message = messageOf(delivery, naming);
  message._msgid ??= nextMessageId();
  return outputs.length === 0 ? message : outputs.map((event) => (event === delivery.event ? message : null));
}
