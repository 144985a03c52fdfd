import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { shownTime, systemClock } from '../../src/clock';
import { parseDeliveryToken } from '../../src/delivery/delivery-token';
import { isRecord } from '../../src/events/json';
import { Deploys } from '../shared/deploys';
import { migrate } from '../shared/migration';
import { report } from '../shared/report';
import { Settings } from '../shared/settings';
import { isSettler } from '../shared/settler';
import { MIGRATION } from './migration';
import { retryAfterOf } from './retry-after';
import { doneNodeStatus, warningOf, type DoneStatusKind } from './status';

/** How long the same warning is not written again, in ms. */
const QUIET = 60_000;

type Outcome = 'done' | 'failed';

/** Tells the listener from which a message came that the flow is done with it, or that it failed. */
export = (RED: NodeAPI): void => {
  const deploys = Deploys.of(RED.events);

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const settings = new Settings(migrate(saved, MIGRATION));
    const outcome = settings.flag('failed', false) ? 'failed' : 'done';
    let shown = '';
    /** When each warning was written, in ms of the monotonic clock. */
    const warnedAt = new Map<DoneStatusKind, number>();

    this.on('input', (message, _send, done) => {
      // Not settled the wrong way: it is tried again, until someone has corrected the setting.
      if (settings.problems.length > 0) return done();
      settle(message, outcome)
        .then((kind) => tell(kind, message))
        .then(() => done(), done);
    });

    /** A busy flow must not flood the editor with what it shows already, nor the log: there it is told once a minute. */
    const tell = (kind: DoneStatusKind, message: NodeMessage): void => {
      const time = shownTime(systemClock);
      const status = `${kind} ${Math.floor(time / 60_000)}`;
      if (status !== shown) this.status(doneNodeStatus(RED, kind, time));
      shown = status;
      if ((kind !== 'late' && kind !== 'unknown') || isSample(message)) return;
      const error = errorIn(message);
      const now = systemClock.monotonic();
      // A listener that acknowledges by itself needs nothing: only an error must not get lost.
      if (error === '' && (kind === 'unknown' || now - (warnedAt.get(kind) ?? -Infinity) < QUIET)) return;
      warnedAt.set(kind, now);
      this.warn([warningOf(RED, kind), error].filter(Boolean).join(' '));
    };

    const forget = deploys.onNextStart(() => {
      for (const problem of settings.problems) {
        this.status(doneNodeStatus(RED, 'configInvalid', shownTime(systemClock)));
        report(RED, this, problem);
      }
    });
    this.on('close', () => forget());
  }

  async function settle(message: NodeMessage, outcome: Outcome): Promise<DoneStatusKind> {
    const id = parseDeliveryToken(message._msgid ?? '')?.subscriber;
    if (id === undefined) return 'unknown';
    const kind = settleNow(id, message, outcome);
    // A deploy closes listener and connection and creates them again: in between nobody takes the outcome.
    if (kind === outcome || deploys.isRunning) return kind;
    await new Promise<void>((resolve) => void deploys.onNextStart(resolve));
    return settleNow(id, message, outcome);
  }

  function settleNow(id: string, message: NodeMessage, outcome: Outcome): DoneStatusKind {
    const listener: unknown = RED.nodes.getNode(id);
    if (!isSettler(listener)) return 'unknown';
    if (listener.settle(message._msgid ?? '', outcome, retryAfterOf(message))) return outcome;
    return listener.ack === 'done' ? 'late' : 'unknown';
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
