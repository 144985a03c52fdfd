import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import type { ChatOrder, SendAnswer } from '../../src';
import { pause, shownTime, systemClock } from '../../src/clock';
import { ChatAppError } from '../../src/errors';
import { connectionMissing, isConnectionNode, type ConnectionNode } from '../shared/connection-node';
import { Deploys } from '../shared/deploys';
import { migrate } from '../shared/migration';
import { MAX_PER_MINUTE } from '../shared/field-values';
import { attempt, endWithError, report } from '../shared/report';
import { sendNodeStatus, type SendStatus } from '../shared/send-status';
import { inOne, Settings } from '../shared/settings';
import { Successors } from '../shared/successors';
import { MIGRATION } from './migration';
import { orderFor, readSendSettings, withAnswer } from './order';
import { Progress, type Work } from './progress';

/** How long a node that is closed waits for its messages, in ms; the connection goes on with the rest. */
const CLOSES_WITHIN = 5_000;

/** What was sent, and ChatApp's answer. */
interface Delivered {
  readonly order: ChatOrder;
  readonly answer: SendAnswer;
}

/** Sends to a chat, and hands the message on once ChatApp has taken it. */
export default (RED: NodeAPI): void => {
  const deploys = Deploys.of(RED.events);
  const successors = new Successors();

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const closed = new AbortController();
    const show = (status: SendStatus): void => {
      if (!closed.signal.aborted) this.status(sendNodeStatus(RED, status, shownTime(systemClock)));
    };
    const progress = new Progress(show);
    const settings = new Settings(migrate(saved, MIGRATION));
    const said = readSendSettings(settings);
    const perMinute = settings.number('perMinute', 0, MAX_PER_MINUTE, 10);
    const connectionId = settings.requiredText('connection', 'connection');
    const underWay = new Set<Promise<void>>();

    const connection = (): ConnectionNode => {
      const [problem] = inOne(settings.problems);
      if (problem) throw problem;
      const node: unknown = RED.nodes.getNode(connectionId);
      if (!isConnectionNode(node)) throw connectionMissing();
      return node;
    };
    /** Fields are read one message after the other, or an expression that takes longer would change the order. */
    let turn: Promise<unknown> = Promise.resolve();
    const orderOf = (message: NodeMessage): Promise<ChatOrder> => {
      const order = turn
        .then(() => orderFor(RED, this, said, message))
        .catch((error: unknown) => {
          // A property of the message cannot be read, such as a getter that throws.
          throw error instanceof ChatAppError
            ? error
            : ChatAppError.of('SEND_REFUSED', 'badPayload', { action: said.action });
        });
      turn = order.catch(() => undefined);
      return order;
    };
    const deliver = async (message: NodeMessage, work: Work): Promise<Delivered> => {
      const through = connection();
      const order = await orderOf(message);
      const answer = await through.sendOrder(order, {
        perMinute,
        node: this.id,
        onWait: (nextTry) => work.wait(nextTry),
      });
      return { order, answer };
    };

    this.on('input', (message, send, done) => {
      const work = progress.begin();
      const delivery = deliver(message, work).then(
        ({ order, answer }) => {
          attempt(RED, this, () => work.end(shownTime(systemClock)));
          attempt(RED, this, () => send(withAnswer(message, order, answer)));
          attempt(RED, this, () => done());
        },
        (error: unknown) => {
          attempt(RED, this, () => work.end(shownTime(systemClock), error));
          endWithError(RED, this, done, error);
        },
      );
      underWay.add(delivery);
      const forget = (): void => void underWay.delete(delivery);
      delivery.then(forget, forget);
    });

    const forget = deploys.onNextStart(() => {
      successors.enter(this);
      const node: unknown = RED.nodes.getNode(connectionId);
      const isConnection = isConnectionNode(node);
      if (connectionId !== '' && !isConnection) settings.problems.push(connectionMissing());
      const { isUsable = false, unreported = [] } = isConnection ? node.check(this) : {};
      if (settings.problems.length > 0 || !isUsable) show({ kind: 'configInvalid' });
      for (const problem of [...inOne(settings.problems), ...unreported]) report(RED, this, problem);
    });

    this.on('close', (isRemoved: boolean, done: () => void) => {
      forget();
      closed.abort();
      successors.leave(this, isRemoved);
      const late = new AbortController();
      const all = Promise.allSettled(underWay).then(() => late.abort());
      const limit = pause(systemClock, CLOSES_WITHIN, late.signal).catch(() => undefined);
      Promise.race([all, limit]).then(() => {
        // The connection goes on with them, unless this is the end of Node-RED.
        if (underWay.size > 0) this.warn(`${underWay.size} messages were still being sent when the node was closed`);
        done();
      }, done);
    });
  }

  RED.nodes.registerType('chatapp-send', construct);
};
