import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { pause, systemClock } from '../../src/clock';
import { ChatAppError } from '../../src/errors';
import { isConnectionNode, type ConnectionNode } from '../shared/connection-node';
import { FlowStart } from '../shared/flow-start';
import { failure, report } from '../shared/report';
import { sendNodeStatus, type SendStatus } from '../shared/send-status';
import { Settings } from '../shared/settings';
import { Successors } from '../shared/successors';
import { noteAnswer, orderFor, readSendSettings } from './order';
import { Progress, type Work } from './progress';

/** How long a node that is closed waits for its messages, in ms; the connection goes on with the rest. */
const CLOSES_WITHIN = 5_000;

/** Sends to a chat, and hands the message on once ChatApp has taken it. */
export = (RED: NodeAPI): void => {
  const flowStart = new FlowStart(RED.events);
  const successors = new Successors();

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const closed = new AbortController();
    const show = (status: SendStatus): void => {
      if (!closed.signal.aborted) this.status(sendNodeStatus(RED, status, Date.now()));
    };
    const progress = new Progress(show);
    const settings = new Settings(saved);
    const said = readSendSettings(settings);
    const connectionId = settings.requiredText('connection', 'choose a connection to ChatApp');
    const underWay = new Set<Promise<void>>();

    const connection = (): ConnectionNode => {
      const [problem] = settings.problems;
      if (problem) throw problem;
      const node: unknown = RED.nodes.getNode(connectionId);
      if (!isConnectionNode(node)) throw noConnection();
      return node;
    };
    const deliver = async (message: NodeMessage, work: Work): Promise<void> => {
      const through = connection();
      const order = orderFor(said, message);
      const answer = await through.sendOrder(order, (nextTry) => work.wait(nextTry));
      noteAnswer(message, order, answer);
    };

    this.on('input', (message, send, done) => {
      const work = progress.begin();
      const delivery = deliver(message, work).then(
        () => {
          work.end(Date.now());
          send(message);
          done();
        },
        (error: unknown) => {
          work.end(Date.now(), error);
          done(failure(RED, error));
        },
      );
      underWay.add(delivery);
      void delivery.finally(() => underWay.delete(delivery));
    });

    flowStart.whenDone(this, () => {
      successors.enter(this);
      const node: unknown = RED.nodes.getNode(connectionId);
      const isConnection = isConnectionNode(node);
      if (connectionId !== '' && !isConnection) settings.problems.push(noConnection());
      const { isUsable = false, news = [] } = isConnection ? node.check(this) : {};
      if (settings.problems.length > 0 || !isUsable) show({ kind: 'configInvalid' });
      for (const problem of [...settings.problems, ...news]) report(RED, this, problem);
    });

    this.on('close', (isRemoved: boolean, done: () => void) => {
      closed.abort();
      successors.leave(this, isRemoved);
      const late = new AbortController();
      const all = Promise.allSettled(underWay).then(() => late.abort());
      const limit = pause(systemClock, CLOSES_WITHIN, late.signal).catch(() => undefined);
      void Promise.race([all, limit]).then(() => {
        // The connection goes on with them, unless this is the end of Node-RED.
        if (underWay.size > 0) this.warn(`${underWay.size} messages were still being sent when the node was closed`);
        done();
      });
    });
  }

  RED.nodes.registerType('chatapp-send', construct);
};

function noConnection(): ChatAppError {
  const wanted = 'a connection to ChatApp that exists and is enabled';
  return ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'connection', wanted });
}
