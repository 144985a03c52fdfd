import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { shownTime, systemClock } from '../../src/clock';
import type { Outcome } from '../../src';
import { parseDeliveryToken } from '../../src/delivery/delivery-token';
import { isRecord } from '../../src/events/json';
import { Deploys } from '../shared/deploys';
import { migrate } from '../shared/migration';
import { attempt, endWithError, report } from '../shared/report';
import { Settings } from '../shared/settings';
import { isAcknowledger } from '../shared/acknowledger';
import { MIGRATION, OUTCOMES } from './migration';
import { errorIn, failureIn, findOutcome, type Finding } from './outcome';
import { doneNodeStatus, warningOf, type DoneStatusKind } from './status';

const STATUSES = { done: 'done', failed: 'failed', giveUp: 'gaveUp' } as const satisfies Record<
  Outcome,
  DoneStatusKind
>;

/** How long the same warning is not written again, in ms. */
const QUIET = 60_000;

/** How many attempts are remembered after they were settled. */
const MAX_SETTLED = 10_000;

/** Tells the listener from which a message came that the flow is done with it, or that it failed. */
export default (RED: NodeAPI): void => {
  /** The outcomes of attempts by their delivery tokens: a flow may end in several ways at once. */
  const settled = new Map<string, Outcome>();
  const deploys = Deploys.of(RED.events);

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const settings = new Settings(migrate(saved, MIGRATION));
    const chosen = settings.choice('outcome', OUTCOMES, 'auto');
    const accepted = settings.statuses('accept', '200-299');
    let shown = '';
    /** When each warning was written, in ms of the monotonic clock. */
    const warnedAt = new Map<DoneStatusKind, number>();

    const work = async (message: NodeMessage): Promise<void> => {
      // Not settled the wrong way: it is tried again, until someone has corrected the setting.
      if (settings.problems.length > 0) return;
      const finding = chosen === 'auto' ? findOutcome(message, accepted) : { ...failureIn(message), outcome: chosen };
      const earlier = settled.get(message._msgid ?? '');
      if (earlier === undefined) return tell(await acknowledge(message, finding), message);
      // An error must not get lost behind a flow that was done too early.
      if (earlier === 'done' && finding.outcome !== 'done') tell('late', message);
    };
    this.on('input', (message, _send, done) => {
      work(message).then(
        () => attempt(RED, this, () => done()),
        (error: unknown) => endWithError(RED, this, done, error),
      );
    });

    /** A busy flow must not flood the editor with what it shows already, nor the log: there it is reported once a minute. */
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

  async function acknowledge(message: NodeMessage, finding: Finding): Promise<DoneStatusKind> {
    const id = parseDeliveryToken(message._msgid ?? '')?.subscriber;
    if (id === undefined) return 'unknown';
    const kind = acknowledgeNow(id, message, finding);
    // A deploy closes listener and connection and creates them again: in between nobody takes the outcome.
    if (kind === STATUSES[finding.outcome] || deploys.isRunning) return kind;
    await new Promise<void>((resolve) => void deploys.onNextStart(resolve));
    return acknowledgeNow(id, message, finding);
  }

  function acknowledgeNow(id: string, message: NodeMessage, { outcome, ...failure }: Finding): DoneStatusKind {
    const listener: unknown = RED.nodes.getNode(id);
    if (!isAcknowledger(listener)) return 'unknown';
    const token = message._msgid ?? '';
    if (!listener.acknowledge(token, outcome, failure)) return listener.ack === 'done' ? 'late' : 'unknown';
    settled.set(token, outcome);
    const [oldest = ''] = settled.size > MAX_SETTLED ? settled.keys() : [];
    settled.delete(oldest);
    return STATUSES[outcome];
  }

  RED.nodes.registerType('chatapp-done', construct);
};

function isSample(message: NodeMessage): boolean {
  const origin: unknown = Reflect.get(message, 'chatapp');
  return isRecord(origin) && origin.sample === true;
}
