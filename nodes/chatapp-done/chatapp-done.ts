import { once } from 'node:events';
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { listenerOf } from '../../src/cluster/ticket';
import { isRecord } from '../../src/events/json';
import { FlowStart } from '../shared/flow-start';
import { report } from '../shared/report';
import { Settings } from '../shared/settings';
import { isSettler } from '../shared/settler';
import { doneNodeStatus, warningOf, type DoneStatusKind } from './status';

/** How long a message waits for its listener to be deployed, in ms. */
const WAITS = 10_000;

type Outcome = 'done' | 'failed';

/** Tells the listener from which a message came that the flow is done with it, or that it failed. */
export = (RED: NodeAPI): void => {
  const flowStart = new FlowStart(RED.events);
  let started: Promise<unknown> | undefined;

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const settings = new Settings(saved);
    const outcome = settings.flag('failed', false) ? 'failed' : 'done';
    let shown = '';
    const warned = new Map<DoneStatusKind, number>();

    this.on('input', (message, _send, done) => {
      // Not settled the wrong way: it is tried again, until someone has corrected the setting.
      if (settings.problems.length > 0) return done();
      void settle(message, outcome).then((kind) => {
        tell(kind, message);
        done();
      });
    });

    /** A busy flow must not flood the editor with what it shows already, nor the log: there it is told once a minute. */
    const tell = (kind: DoneStatusKind, message: NodeMessage): void => {
      const now = Date.now();
      const minute = Math.floor(now / 60_000);
      const status = `${kind} ${minute}`;
      if (status !== shown) this.status(doneNodeStatus(RED, kind, now));
      shown = status;
      if ((kind !== 'late' && kind !== 'unknown') || isSample(message)) return;
      const error = errorIn(message);
      if (error === '' && warned.get(kind) === minute) return;
      warned.set(kind, minute);
      this.warn([warningOf(RED, kind), error].filter(Boolean).join(' '));
    };

    flowStart.whenDone(this, () => {
      for (const problem of settings.problems) {
        this.status(doneNodeStatus(RED, 'configInvalid', Date.now()));
        report(RED, this, problem);
      }
    });
  }

  async function settle(message: NodeMessage, outcome: Outcome): Promise<DoneStatusKind> {
    const { _msgid: ticket = '' } = message;
    const id = listenerOf(ticket);
    if (id === undefined) return 'unknown';
    // A deploy closes a node and makes it anew: in between there is none.
    if (!isSettler(RED.nodes.getNode(id))) await nextStart();
    const listener: unknown = RED.nodes.getNode(id);
    return isSettler(listener) && listener.settle(ticket, outcome) ? outcome : 'late';
  }

  /** Resolves once the flows have started again, or when that takes too long. */
  function nextStart(): Promise<unknown> {
    started ??= once(RED.events, 'flows:started', { signal: AbortSignal.timeout(WAITS) })
      .catch(() => undefined)
      .finally(() => (started = undefined));
    return started;
  }

  RED.nodes.registerType('chatapp-done', construct);
};

function isSample(message: NodeMessage): boolean {
  const origin: unknown = Reflect.get(message, 'chatapp');
  return isRecord(origin) && origin.sample === true;
}

/** The words of an error that came by way of a Catch node: with that in place, nobody else tells of it. */
function errorIn(message: NodeMessage): string {
  const error: unknown = Reflect.get(message, 'error');
  return isRecord(error) && typeof error.message === 'string' ? error.message : '';
}
