import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { ChatAppError } from '../../src/errors';
import type { Delivery } from '../../src/feed/delivery';
import type { ChannelChoice } from '../../src/feed/listener';
import type { Status } from '../../src/status';
import { isConnectionNode } from './connection-node';
import { FlowStart } from './flow-start';
import { messageOf } from './message';
import { MOST_ACK_SECONDS } from './limits';
import { inOutputOrder } from './output-order';
import { report } from './report';
import { sampleSender } from './sample';
import { Settings } from './settings';
import type { Settler } from './settler';
import { nodeStatus } from './status';

/** Where a kind of listener listens, out of its saved properties. */
export type ReadChannel = (settings: Settings) => ChannelChoice;

/** Makes the constructor of a listener node: all four kinds differ only in the channel. */
export function listenerNode(RED: NodeAPI, readChannel: ReadChannel) {
  const flowStart = new FlowStart(RED.events);
  return function (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const show = (status: Status): void => this.status(nodeStatus(RED, status, Date.now()));
    const settings = new Settings(saved);
    const listener = {
      channel: readChannel(settings),
      events: settings.names('events'),
      direction: settings.choice('direction', ['any', 'in', 'out'], 'any'),
      ignoreOwn: settings.flag('ignoreOwn', false),
      ack: settings.choice('ack', ['sent', 'done'], 'sent'),
      ackSeconds: settings.number('ackSeconds', 1, MOST_ACK_SECONDS, 60),
    };
    const separate = settings.flag('separate', false);
    const outputs = separate ? inOutputOrder(listener.events, listener.channel.type) : [];
    Object.assign(this, { sendSample: sampleSender(listener, (sample) => this.send(routed(sample, outputs))) });
    const connectionId = settings.requiredText('connection', 'choose a connection to ChatApp');
    const settle: Settler['settle'] = (ticket, outcome) => {
      const connection: unknown = RED.nodes.getNode(connectionId);
      return isConnectionNode(connection) && connection.settle(ticket, outcome);
    };
    Object.assign(this, { settle });

    flowStart.whenDone(this, () => {
      const connection: unknown = RED.nodes.getNode(connectionId);
      if (connectionId !== '' && !isConnectionNode(connection)) {
        const wanted = 'a connection to ChatApp that exists and is enabled';
        settings.problems.push(ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'connection', wanted }));
      }
      if (settings.problems.length > 0 || !isConnectionNode(connection)) {
        show({ kind: 'configInvalid' });
        for (const problem of settings.problems) report(RED, this, problem);
        return;
      }
      const stop = connection.listen(this, {
        ...listener,
        id: this.id,
        onItem: (delivery) => this.send(routed(delivery, outputs)),
        onStatus: show,
        onError: (error) => report(RED, this, error),
      });
      const leaveIfGone = (): void => {
        const successor: unknown = RED.nodes.getNode(this.id);
        if (!successor) stop('forGood');
      };
      this.on('close', (isRemoved: boolean, done: () => void) => {
        stop(isRemoved ? 'forGood' : 'restarting');
        // Of a subflow that is removed Node-RED does not say so to the nodes in it.
        if (!isRemoved) flowStart.whenDoneAgain(leaveIfGone);
        done();
      });
    });
  };
}

/** The message at its event's output; with a single output, the message alone. */
function routed(delivery: Delivery, outputs: readonly string[]): NodeMessage | (NodeMessage | null)[] {
  const message = messageOf(delivery);
  return outputs.length === 0 ? message : outputs.map((event) => (event === delivery.event ? message : null));
}
