import type { ConnectionHealth, ListenerHealth, ReportedError, SenderHealth } from '../../health-answers';
import { failureText } from '../page/requests';
import { text, textWith } from '../page/text';
import { listenerLevel, senderLevel } from './levels';
import { actButton, factList, type Fact } from './parts';
import type { Row } from './row';
import type { SidebarActs } from './sidebar-acts';
import type { Times } from './times';

/** A listener whose events count as delivered once a flow says so. */
export function listenerRow(connection: string, listener: ListenerHealth, times: Times, acts: SidebarActs): Row {
  const { node, waiting, inFlight, oldest, nextAttempt, lastFailure, deadLetters, status } = listener;
  const title = acts.nameOf(node);
  const number = (name: string, count: number): Fact => ({
    name: text(`chatapp-sidebar.work.${name}`),
    words: String(count),
  });
  const facts = [number('waiting', waiting), number('inFlight', inFlight)];
  if (oldest !== undefined) {
    facts.push({ name: text('chatapp-sidebar.work.oldest'), words: times.ago(oldest), title: times.exact(oldest) });
  }
  if (nextAttempt !== undefined) {
    facts.push({ name: text('chatapp-sidebar.work.nextAttempt'), words: times.ago(nextAttempt) });
  }
  facts.push({ ...number('deadLetters', deadLetters), level: deadLetters > 0 ? 'bad' : 'off' });
  if (lastFailure !== undefined && (nextAttempt !== undefined || deadLetters > 0)) {
    facts.push({ name: text('chatapp-sidebar.work.lastFailure'), words: endOfAttempt(lastFailure) });
  }
  const key = `listener ${connection} ${node}`;
  const parts = facts.filter(({ words }) => words !== '0').map(({ name, words }) => `${name}: ${words}`);
  const isMisconfigured = status === 'configInvalid';
  return {
    key,
    kind: 'listener',
    level: listenerLevel(listener, (at) => times.age(at)),
    title,
    words: isMisconfigured
      ? text('chatapp-connection.status.configInvalid')
      : parts.join(' · ') || text('chatapp-sidebar.work.none'),
    source: facts,
    details: () => [
      factList(facts),
      acts.bar(
        actButton('showNode', title, () => acts.reveal(node)),
        ...(deadLetters > 0
          ? [actButton('deadLetters', title, () => acts.showDeadLetters(key, connection, node))]
          : []),
      ),
      acts.panel(key),
    ],
  };
}

function endOfAttempt(failure: string): string {
  const isKnown = failure === 'timeout' || failure === 'failed';
  return isKnown ? text(`chatapp-sidebar.work.${failure}`) : failure;
}

/** A send or API node: what waits, and what was not sent and why. */
export function senderRow(
  connection: string,
  sender: SenderHealth,
  errors: ConnectionHealth['errors'],
  acts: SidebarActs,
): Row {
  const { node, queued, sent, uncertain, refused } = sender;
  const title = acts.nameOf(node);
  const total = Object.values(refused).reduce((sum, count) => sum + count, 0);
  const last = total + uncertain > 0 ? errors.filter(({ nodes }) => nodes.includes(node)).pop() : undefined;
  const parts = [
    text('chatapp-sidebar.send.sent', { number: sent }),
    ...(queued > 0 ? [text('chatapp-sidebar.send.queued', { number: queued })] : []),
    ...(total > 0 ? [text('chatapp-sidebar.send.refused', { number: total })] : []),
    ...(uncertain > 0 ? [text('chatapp-sidebar.send.uncertain', { number: uncertain })] : []),
  ];
  return {
    key: `sender ${connection} ${node}`,
    kind: 'sender',
    level: senderLevel(sender),
    title,
    words: [parts.join(' · '), ...(last ? [failureText(last)] : [])].join('. '),
    source: [sender, last],
    details: () => [
      factList(
        Object.entries(refused).map(([reason, count]) => ({ name: reason.replace('.', ' '), words: String(count) })),
      ),
      acts.bar(actButton('showNode', title, () => acts.reveal(node))),
    ],
  };
}

/** An error, with what to do and the nodes that it concerns. */
export function errorRow(
  connection: string,
  error: ReportedError,
  index: number,
  times: Times,
  acts: SidebarActs,
): Row {
  const { at, code, count, nodes } = error;
  const title = textWith('chatapp-sidebar.error', { code, time: times.ago(at) });
  return {
    key: `error ${connection} ${at} ${code} ${index}`,
    kind: 'error',
    // It was reported: how it stands now, the other rows say.
    level: 'off',
    title: count > 1 ? `${title} (×${count})` : title,
    words: failureText(error),
    source: error,
    extras: () => [nodes.length > 0 ? acts.nodeLinks(nodes) : acts.nodeLinks([connection])],
  };
}
