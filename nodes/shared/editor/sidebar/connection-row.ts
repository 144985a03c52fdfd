import type { ClusterHealth, ConnectionHealth, HealthEntry, SocketHealth } from '../../health-answers';
import { make } from '../page/dom';
import { failureText } from '../page/requests';
import { text, textWith } from '../page/text';
import { nextTryWords, receivingOf } from './channel-row';
import { clusterLevel, connectionLevel, loginLevel, needsAttention, socketLevel, webhookLevel, worst } from './levels';
import { actButton, factList, type Fact } from './parts';
import type { Row } from './row';
import type { SidebarActs } from './sidebar-acts';
import type { Times } from './times';

/**
 * A connection in the list: whether it works, or what is wrong. One that works is folded if something else of it needs
 * attention, so that this is seen first.
 */
export function connectionRow(entry: HealthEntry, isRestGood: boolean, times: Times, acts: SidebarActs): Row {
  const title = connectionName(entry);
  const facts = factsOf(entry, times);
  const level = connectionLevel(entry);
  return {
    key: `connection ${entry.id}`,
    kind: 'connection',
    level,
    title,
    words: summaryOf(entry),
    source: facts,
    startsOpen: isRestGood || needsAttention(level),
    details: () => [
      ...entry.problems.map((problem) => make('p', 'chatapp-problem', failureText(problem))),
      factList(facts),
      buttonsOf(entry, title, acts),
      acts.panel(`connection ${entry.id}`),
    ],
  };
}

export function connectionName({ id, name }: HealthEntry): string {
  const node = RED.nodes.node(id);
  return name ?? (node ? RED.utils.getNodeLabel(node, id) : id);
}

function summaryOf({ problems, health }: HealthEntry): string {
  if (!health) return text(problems.length > 0 ? 'chatapp-sidebar.misconfigured' : 'chatapp-sidebar.unused');
  const [receiving, total] = receivingOf(health);
  return total === 0 ? text('chatapp-sidebar.noLines') : text('chatapp-sidebar.receiving', { receiving, total });
}

function factsOf({ health }: HealthEntry, times: Times): Fact[] {
  if (!health) return [];
  const facts: Fact[] = [
    { name: text('chatapp-sidebar.fact.login'), words: loginWords(health, times), level: loginLevel(health) },
  ];
  if (health.socket) {
    const words = socketWords(health.socket, times);
    facts.push({ name: text('chatapp-sidebar.fact.socket'), words, level: socketLevel(health) });
  }
  facts.push(...webhookFacts(health), ...storeFacts(health));
  if (health.cluster) {
    const words = clusterWords(health.cluster, times);
    facts.push({ name: text('chatapp-sidebar.fact.cluster'), words, level: clusterLevel(health) });
    facts.push(...partitionFacts(health.cluster));
  }
  return facts;
}

function loginWords({ login }: ConnectionHealth, times: Times): string {
  const { state, method, accountId, renewedAt, validUntil, failure, nextTry } = login;
  if (failure)
    return [failureText(failure), ...(nextTry === undefined ? [] : [nextTryWords(nextTry, times)])].join(' ');
  if (state === 'unused') return text('chatapp-sidebar.login.unused');
  const words = [text(`chatapp-sidebar.login.${method}`)];
  if (accountId !== undefined) words.push(textWith('chatapp-sidebar.login.who', { id: accountId }));
  if (renewedAt !== undefined) words.push(textWith('chatapp-sidebar.login.renewed', { time: times.ago(renewedAt) }));
  if (validUntil !== undefined) words.push(textWith('chatapp-sidebar.login.until', { time: times.ago(validUntil) }));
  return words.join(', ');
}

function socketWords({ state, since, nextTry, failure, pongAt, pongAfter }: SocketHealth, times: Times): string {
  const words = [textWith(`chatapp-sidebar.socket.${state}`, { time: times.ago(since) })];
  if (pongAt !== undefined && pongAfter !== undefined) {
    const time = times.ago(pongAt);
    words.push(textWith('chatapp-sidebar.socket.ping', { ms: String(Math.round(pongAfter)), time }));
  }
  if (failure) words.push(failureText(failure));
  if (nextTry !== undefined) words.push(nextTryWords(nextTry, times));
  return words.map((one) => one.replace(/\.$/, '')).join('. ');
}

/** How many webhooks stand how; each has its own words in its line. */
function webhookFacts(health: ConnectionHealth): Fact[] {
  const called = health.channels.filter(({ webhook }) => webhook !== undefined);
  if (called.length === 0) return [];
  const set = called.filter(({ webhook }) => webhook?.state === 'set').length;
  const words = text('chatapp-connection.callback.summary', { set, total: called.length });
  return [{ name: text('chatapp-sidebar.fact.webhooks'), words, level: worst(called.map(webhookLevel)) }];
}

function storeFacts({ store: { isWorking, failure } }: ConnectionHealth): Fact[] {
  if (isWorking && !failure) return [];
  const words = failure ? failureText(failure) : text('chatapp-connection.status.listeningUnstored');
  return [{ name: text('chatapp-sidebar.fact.store'), words, level: isWorking ? 'warn' : 'bad' }];
}

function clusterWords({ role, instances, id, leader, since, failure }: ClusterHealth, times: Times): string {
  if (failure) return failureText(failure);
  const words = [textWith(`chatapp-sidebar.cluster.${role}`, { time: times.ago(since ?? 0) })];
  if (instances !== undefined) words.push(text('chatapp-sidebar.cluster.instances', { number: instances }));
  if (leader !== undefined && leader !== id)
    words.push(textWith('chatapp-sidebar.cluster.leaderIs', { id: shortId(leader) }));
  if (id !== undefined) words.push(textWith('chatapp-sidebar.cluster.id', { id: shortId(id) }));
  return words.join(', ');
}

/** Enough to tell instances apart. */
function shortId(id: string): string {
  return id.slice(0, 8);
}

/** How many partitions this instance works on, of each listener. */
function partitionFacts({ partitions, assigned }: ClusterHealth): Fact[] {
  return Object.entries(assigned).map(([listener, own]) => {
    const node = RED.nodes.node(listener);
    const name = node ? RED.utils.getNodeLabel(node, listener) : listener;
    const words = partitions === undefined ? String(own) : `${own} / ${partitions}`;
    return { name: textWith('chatapp-sidebar.fact.partitions', { node: name }), words };
  });
}

function buttonsOf({ id, health }: HealthEntry, title: string, acts: SidebarActs): HTMLElement {
  const check = acts.mayWrite ? [actButton('check', title, () => acts.check(id))] : [];
  const copy = actButton('copyReport', title, (button) => acts.copyReport(id, button));
  const settings = actButton('settings', title, () => acts.reveal(id));
  const hasGap = health?.channels.some(({ gap }) => gap !== undefined) === true;
  const fetch =
    hasGap && acts.mayWrite ? [actButton('fetchAll', title, (button) => acts.fetchNow(id, undefined, button))] : [];
  return acts.bar(...check, copy, settings, ...fetch);
}
