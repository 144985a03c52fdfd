import type { Announcer } from '../announcer';
import type { CallbackDesk } from '../callbacks/desk';
import type { Door } from '../door';
import type { Dialect } from '../pusher/style';
import type { SocketServer } from '../pusher/socket-server';
import type { Aftermath } from '../sending/aftermath';
import type { ApiFaults } from './api-faults';
import type { Faults, Which } from './contract';
import { errorFrame, type Receptions } from './receptions';

interface Parts {
  readonly sockets: SocketServer;
  readonly announcer: Announcer;
  readonly aftermath: Aftermath;
  readonly callbacks: CallbackDesk;
  readonly receptions: Receptions;
  readonly api: ApiFaults;
  readonly dialect: Dialect;
  /** The same one twice where there is only one port. */
  readonly doors: { readonly socket: Door; readonly api: Door };
}

/** Every fault behind one name. */
export function createFaults(parts: Parts): Faults {
  const { sockets, announcer, aftermath, callbacks, receptions, api, dialect, doors } = parts;
  const doorsOf = (which: Which): Set<Door> => {
    if (which !== 'both' && doors.socket === doors.api) throw new Error('Sockets and API share one port');
    return new Set(which === 'both' ? [doors.socket, doors.api] : [doors[which]]);
  };
  return {
    receiveWith: (reception) => {
      receptions.reception = reception;
    },
    get received() {
      return receptions.received;
    },
    down: async (which = 'both', how = 'refuse') => {
      await Promise.all([...doorsOf(which)].map((door) => door.shut(how)));
    },
    up: async () => {
      await Promise.all([...doorsOf('both')].map((door) => door.open()));
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
      Array.from({ length: count }, (_, index) => announcer.message({ ...message, text: textOf(index) })),
    answerWith: (part, answer, times) => api.set(part, answer, times),
    answerDeadTokensWith: (answer) => {
      api.deadTokenAnswer = answer;
    },
    changeAnswers: (part, change) => api.change(part, change),
    sentMessagesEnd: (fate) => {
      aftermath.fate = fate ?? 'viewed';
    },
    callbacksAs: (told) => {
      callbacks.faults = told ?? {};
    },
  };
}
