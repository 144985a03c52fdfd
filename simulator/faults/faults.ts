import type { Broadcaster } from '../broadcaster';
import type { CallbackDispatcher } from '../callbacks/dispatcher';
import type { Endpoint } from '../endpoint';
import type { Dialect } from '../pusher/style';
import type { SocketServer } from '../pusher/socket-server';
import type { StatusUpdates } from '../sending/status-updates';
import type { ApiFaults } from './api-faults';
import type { Faults, Which } from './contract';
import { errorFrame, type HandshakeFaults } from './handshakes';

interface Parts {
  readonly sockets: SocketServer;
  readonly broadcaster: Broadcaster;
  readonly statusUpdates: StatusUpdates;
  readonly callbacks: CallbackDispatcher;
  readonly handshakes: HandshakeFaults;
  readonly api: ApiFaults;
  readonly dialect: Dialect;
  /** The same one twice where there is only one port. */
  readonly endpoints: { readonly socket: Endpoint; readonly api: Endpoint };
}

/** Every fault behind one name. */
export function createFaults(parts: Parts): Faults {
  const { sockets, broadcaster, statusUpdates, callbacks, handshakes, api, dialect, endpoints } = parts;
  const endpointsOf = (which: Which): Set<Endpoint> => {
    if (which !== 'both' && endpoints.socket === endpoints.api) throw new Error('Sockets and API share one port');
    return new Set(which === 'both' ? [endpoints.socket, endpoints.api] : [endpoints[which]]);
  };
  return {
    receiveWith: (handshake) => {
      handshakes.handshake = handshake;
    },
    get received() {
      return handshakes.received;
    },
    down: async (which = 'both', how = 'refuse') => {
      await Promise.all([...endpointsOf(which)].map((endpoint) => endpoint.shut(how)));
    },
    up: async () => {
      await Promise.all([...endpointsOf('both')].map((endpoint) => endpoint.open()));
    },
    packetsAs: (packets) => {
      sockets.packets = packets;
    },
    repeat: (times) => {
      sockets.times = times;
    },
    breakOff: () => sockets.breakOff(),
    sendBytes: (bytes) => sockets.sendBytes(bytes),
    sayError: (code) => sockets.sendRaw(dialect.encode(errorFrame(code))),
    burst: (count, message, textOf) =>
      Array.from({ length: count }, (_, index) => broadcaster.message({ ...message, text: textOf(index) })),
    answerWith: (part, answer, times) => api.set(part, answer, times),
    answerDeadTokensWith: (answer) => {
      api.deadTokenAnswer = answer;
    },
    changeAnswers: (part, change) => api.change(part, change),
    sentMessagesEnd: (outcome) => {
      statusUpdates.outcome = outcome ?? 'viewed';
    },
    callbacksAs: (reported) => {
      callbacks.faults = reported ?? {};
    },
  };
}
