import type { HealthAnswer } from '../../nodes/shared/health-answers';
import type { ChannelHealth, ConnectionHealth, ListenerHealth, SenderHealth, Totals } from '../../src/health';

/** When all of these states are, in ms since the epoch. */
export const NOW = Date.UTC(2026, 11, 1, 12, 0, 0);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const TOTALS: Totals = { events: [], latency: { buckets: [], sum: 0, count: 0 } };
const BUSY_DAY = [2, 1, 0, 0, 0, 0, 3, 9, 21, 34, 40, 38, 22, 30, 41, 37, 28, 19, 12, 8, 7, 5, 3, 6];

export function channel(change: Partial<ChannelHealth> = {}): ChannelHealth {
  const { licenseId = '50101', messengerType = 'telegram' } = change;
  return {
    channel: `private-v1.licenses.${licenseId}.messengers.${messengerType}`,
    type: 'messenger',
    licenseId,
    messengerType,
    lineName: 'Flower shop',
    messengerName: 'Telegram',
    state: 'receiving',
    lastEvent: NOW - 3 * MINUTE,
    hours: BUSY_DAY,
    skipped: {},
    listeners: ['listener'],
    ...change,
  };
}

const WHATSAPP = channel({
  messengerType: 'grWhatsApp',
  messengerName: 'WhatsApp',
  lastEvent: NOW - 40 * SECOND,
  hours: BUSY_DAY.map((count) => count * 3),
  listeners: ['listener', 'worker'],
});

export const SUPPORT = channel({
  licenseId: '50102',
  messengerType: 'instagram',
  lineName: 'Support',
  messengerName: 'Instagram',
  lastEvent: NOW - 5 * HOUR,
  hours: BUSY_DAY.map((count, hour) => (hour > 18 ? 0 : Math.round(count / 8))),
});

const WORKER: ListenerHealth = {
  node: 'worker',
  status: 'listening',
  ack: 'done',
  waiting: 3,
  inFlight: 1,
  oldest: NOW - 20 * SECOND,
  deadLetters: 0,
};

const SENDER: SenderHealth = { node: 'answer', queued: 0, sent: 128, uncertain: 0, refused: {} };

/** Everything works. */
export function healthy(change: Partial<ConnectionHealth> = {}): ConnectionHealth {
  return {
    login: {
      method: 'account',
      state: 'ok',
      accountId: '4711',
      renewedAt: NOW - 3 * HOUR,
      validUntil: NOW + 21 * HOUR,
    },
    socket: { state: 'open', since: NOW - 3 * HOUR, pongAt: NOW - 8 * SECOND, pongAfter: 41.6 },
    store: { isWorking: true },
    channels: [channel(), WHATSAPP, SUPPORT],
    listeners: [{ ...WORKER, node: 'listener', ack: 'sent', waiting: 0, inFlight: 0 }, WORKER],
    senders: [SENDER],
    errors: [],
    totals: TOTALS,
    ...change,
  };
}

export function answerOf(health: ConnectionHealth): HealthAnswer {
  return { connections: [{ id: 'shop', name: 'Flowers & Co', problems: [], health }] };
}

const OUTAGE = {
  code: 'CONNECTION_LOST',
  reason: 'outage',
  params: { host: 'socket.chatapp.online:6001', since: '11:58', status: 'ECONNREFUSED' },
} as const;
const REFUSED = {
  code: 'CHANNEL_REFUSED',
  reason: 'forbidden',
  params: { channel: SUPPORT.channel, status: 403 },
} as const;
const DEAD = { code: 'TOKEN_INVALID', reason: 'refresh', params: {} } as const;
const FAILED = {
  code: 'DELIVERY_FAILED',
  reason: 'attempts',
  params: { event: 'message', channel: WHATSAPP.channel, attempts: 5 },
} as const;

const FILLING = {
  from: NOW - 35 * MINUTE,
  isFilling: true,
  chatsFound: 250,
  chatsDone: 100,
  messages: 1_240,
  secondsLeft: 95,
} as const;

/** A connection that nobody has used before: nothing has come yet. */
function firstStart(): ConnectionHealth {
  const { lastEvent: _lastEvent, hours: _hours, ...fresh } = channel({ state: 'subscribing' });
  return healthy({
    login: { method: 'account', state: 'ok', accountId: '4711', renewedAt: NOW, validUntil: NOW + 24 * HOUR },
    socket: { state: 'connecting', since: NOW - 2 * SECOND },
    channels: [fresh],
    listeners: [],
    senders: [],
  });
}

/** The states that the sidebar has to show, by name. */
export const STATES: Readonly<Record<string, HealthAnswer>> = {
  healthy: answerOf(healthy()),
  'first start': answerOf(firstStart()),
  'nothing deployed': { connections: [] },
  'socket lost': answerOf(
    healthy({
      socket: { state: 'waiting', since: NOW - 2 * MINUTE, nextTry: NOW + 12 * SECOND, failure: OUTAGE },
      channels: [channel(), WHATSAPP, SUPPORT].map((one) => ({ ...one, state: 'disconnected' })),
      errors: [{ ...OUTAGE, count: 1, at: NOW - 2 * MINUTE, nodes: [] }],
    }),
  ),
  'backfill at 40 %': answerOf(healthy({ channels: [channel({ gap: FILLING }), WHATSAPP, SUPPORT] })),
  'refused channel': answerOf(
    healthy({
      channels: [
        channel(),
        { ...SUPPORT, state: 'refused', failure: REFUSED, nextTry: NOW + 8 * MINUTE },
        {
          ...WHATSAPP,
          webhook: { state: 'taken', host: 'crm.example.com' },
          skipped: { duplicate: 4, refusedChat: 1 },
        },
      ],
      errors: [{ ...REFUSED, count: 1, at: NOW - 12 * MINUTE, nodes: ['listener'] }],
    }),
  ),
  'dead token': answerOf(
    healthy({
      login: { method: 'token', state: 'failed', failure: DEAD, nextTry: NOW + 5 * MINUTE },
      channels: [channel(), WHATSAPP, SUPPORT].map((one) => ({ ...one, state: 'tokenInvalid', failure: DEAD })),
      errors: [{ ...DEAD, count: 1, at: NOW - 4 * MINUTE, nodes: [] }],
    }),
  ),
  'dead letters': answerOf(
    healthy({
      listeners: [{ ...WORKER, deadLetters: 2, oldest: NOW - 20 * MINUTE, nextAttempt: NOW + 90 * SECOND }],
      senders: [
        { ...SENDER, queued: 4, uncertain: 1, refused: { 'SEND_REFUSED.loop': 7, 'SEND_REFUSED.windowClosed': 2 } },
      ],
      errors: [
        { ...FAILED, count: 1, at: NOW - 30 * MINUTE, nodes: ['worker'] },
        { ...FAILED, count: 3, at: NOW - 9 * MINUTE, nodes: ['worker'] },
      ],
    }),
  ),
  cluster: answerOf(
    healthy({
      cluster: {
        role: 'standby',
        instances: 3,
        id: 'b7f2',
        leader: '19ac',
        partitions: 16,
        assigned: { listener: 5, worker: 6 },
      },
    }),
  ),
  'wrong settings': {
    connections: [
      {
        id: 'shop',
        problems: [{ code: 'CONFIG_INVALID', reason: 'missingFields', params: { fields: 'email, password' } }],
      },
    ],
  },
  '1,000 lines': answerOf(
    healthy({
      channels: Array.from({ length: 1_000 }, (_, index) =>
        channel({
          licenseId: String(60_000 + index),
          lineName: `Branch ${String(index + 1).padStart(4, '0')}`,
          ...(index === 776 && { state: 'refused', failure: REFUSED }),
        }),
      ),
    }),
  ),
};
