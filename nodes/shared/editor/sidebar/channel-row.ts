import type { ChannelHealth, ConnectionHealth, GapHealth } from '../../health-answers';
import { failureText } from '../page/requests';
import { text, textWith } from '../page/text';
import { channelLevel, lostOf, needsAttention, webhookLevel } from './levels';
import { actButton, factList, hourBars, progressBar, type Fact } from './parts';
import type { Row } from './row';
import type { SidebarActs } from './sidebar-acts';
import { duration, type Times } from './times';

/** A channel, mostly a messenger of a line, in the list. */
export function channelRow(connection: string, channel: ChannelHealth, times: Times, acts: SidebarActs): Row {
  const title = channelName(channel);
  return {
    key: `channel ${connection} ${channel.channel}`,
    kind: 'channel',
    level: channelLevel(channel),
    title,
    get words() {
      return wordsOf(channel, times);
    },
    source: channel,
    extras: () => [
      channel.hours && hourBars(channel.hours),
      channel.gap?.isFilling
        ? progressBar(gapWords(channel.gap), channel.gap.chatsDone, channel.gap.chatsFound)
        : undefined,
    ],
    details: () => [
      factList(factsOf(channel, times)),
      acts.nodeLinks(channel.listeners, text('chatapp-sidebar.nodes')),
      buttonsOf(connection, channel, title, acts),
    ],
  };
}

/** `Support line · Telegram`, `company 3001`, `company 3001 · user 7001`. */
export function channelName({
  type,
  lineName,
  messengerName,
  licenseId,
  messengerType,
  ...ids
}: ChannelHealth): string {
  if (type === 'messenger') {
    const line = lineName ?? text('label.line', { id: licenseId ?? '' });
    return `${line} · ${messengerName ?? messengerType ?? ''}`;
  }
  const company = ids.companyId === undefined ? [] : [text('label.company', { id: ids.companyId })];
  const user = ids.userId === undefined ? [] : [text('label.user', { id: ids.userId })];
  return [...company, ...user].join(' · ');
}

/** Whether it is received, or why not, and when the last event came. */
function wordsOf(channel: ChannelHealth, times: Times): string {
  const { state, failure, nextTry, gap, lastEvent, skipped } = channel;
  // Why nobody is logged in, the connection says.
  const isOwnFailure = failure !== undefined && state !== 'tokenInvalid';
  const words = [isOwnFailure ? failureText(failure) : text(`chatapp-sidebar.state.${state}`)];
  if (state === 'waiting' && nextTry !== undefined) words.push(nextTryWords(nextTry, times));
  if (needsAttention(webhookLevel(channel))) words.push(webhookWords(channel, times));
  if (gap?.failure) {
    words.push(text('chatapp-sidebar.gap.failing'), failureText(gap.failure));
  } else if (gap) words.push(gapWords(gap));
  for (const reason of lostOf(channel)) words.push(`${text(`chatapp-sidebar.skipped.${reason}`)}: ${skipped[reason]}`);
  if (state === 'receiving' && !gap) words.push(lastEventWords(lastEvent, times));
  return words.map((one) => one.replace(/[.…]$/, '')).join('. ');
}

function lastEventWords(lastEvent: number | undefined, times: Times): string {
  if (lastEvent === undefined) return text('chatapp-sidebar.noEvent');
  return textWith('chatapp-sidebar.lastEvent', { time: times.ago(lastEvent) });
}

export function nextTryWords(at: number, times: Times): string {
  if (times.isDue(at)) return text('chatapp-sidebar.nextTryNow');
  return textWith('chatapp-sidebar.nextTry', { time: times.ago(at) });
}

function gapWords({ isFilling, chatsDone, chatsFound, messages }: GapHealth): string {
  if (!isFilling) return text('chatapp-sidebar.gap.open');
  // At the beginning the chats are not known yet, and in the end all are read once more.
  if (chatsDone >= chatsFound) return text('chatapp-sidebar.gap.looking', { messages });
  return text('chatapp-sidebar.gap.filling', { done: chatsDone, found: chatsFound, messages });
}

function webhookWords({ webhook }: ChannelHealth, times: Times): string {
  if (!webhook) return '';
  const { state, host, failure, nextTry } = webhook;
  if (state === 'taken' && host !== undefined) return textWith('chatapp-sidebar.webhook.takenBy', { host });
  if (failure) {
    return [failureText(failure), ...(nextTry === undefined ? [] : [nextTryWords(nextTry, times)])].join(' ');
  }
  return text(`chatapp-sidebar.webhook.${state}`);
}

function factsOf(channel: ChannelHealth, times: Times): Fact[] {
  const { channel: name, hours = [], lastEvent, webhook, gap, skipped } = channel;
  const facts: Fact[] = [{ name: text('chatapp-sidebar.fact.channel'), words: name }];
  if (lastEvent !== undefined) {
    facts.push({
      name: text('chatapp-sidebar.fact.lastEvent'),
      words: times.ago(lastEvent),
      title: times.exact(lastEvent),
    });
  }
  const total = hours.reduce((sum, count) => sum + count, 0);
  facts.push({ name: text('chatapp-sidebar.fact.day'), words: String(total) });
  if (webhook) {
    facts.push({
      name: text('chatapp-sidebar.fact.webhook'),
      words: webhookWords(channel, times),
      level: webhookLevel(channel),
    });
  }
  if (gap) facts.push(...gapFacts(gap, times));
  for (const [reason, count] of Object.entries(skipped)) {
    facts.push({ name: text(`chatapp-sidebar.skipped.${reason}`), words: String(count) });
  }
  return facts;
}

function gapFacts(
  { from, isFilling, chatsFound, chatsDone, messages, secondsLeft, failure }: GapHealth,
  times: Times,
): Fact[] {
  const left = secondsLeft === undefined ? text('chatapp-sidebar.gap.unknown') : duration(secondsLeft);
  return [
    { name: text('chatapp-sidebar.gap.since'), words: times.ago(from), title: times.exact(from) },
    ...(failure
      ? [{ name: text('chatapp-sidebar.gap.failed'), words: failureText(failure), level: 'warn' as const }]
      : []),
    ...(isFilling
      ? [
          { name: text('chatapp-sidebar.gap.chats'), words: `${chatsDone} / ${chatsFound}` },
          { name: text('chatapp-sidebar.gap.messages'), words: String(messages) },
          { name: text('chatapp-sidebar.gap.left'), words: left },
        ]
      : []),
  ];
}

function buttonsOf(connection: string, channel: ChannelHealth, title: string, acts: SidebarActs): HTMLElement {
  const select = actButton('selectNodes', title, () => acts.selectNodes(channel.listeners));
  const fetch =
    channel.gap && acts.mayWrite
      ? [actButton('fetchNow', title, (button) => acts.fetchNow(connection, channel.channel, button))]
      : [];
  return acts.bar(...(channel.listeners.length > 0 ? [select] : []), ...fetch);
}

/** How many channels of a connection are received, of how many. */
export function receivingOf({ channels }: ConnectionHealth): [receiving: number, total: number] {
  return [channels.filter(({ state }) => state === 'receiving').length, channels.length];
}
