import type Pusher from 'pusher-js';
import { loadLate } from '../late-module';
import type { FrameGate } from './gate';

export interface PusherSettings {
  readonly appKey: string;
  readonly secure: boolean;
  /** Makes the gate for the query that pusher-js wants in the URL, as `?protocol=7&client=js&…`. */
  readonly openGate: (query: string) => FrameGate;
  /** The signature to subscribe a channel with. Asked at once when a subscription is made. */
  readonly signatureOf: (channel: string) => string;
}

type PusherClass = typeof Pusher;

function isPusherClass(value: unknown): value is PusherClass {
  return typeof value === 'function' && 'Runtime' in value && 'instances' in value;
}

/** Longer than any session: our own heartbeat decides when a peer is dead, never pusher-js. */
const NEVER = 2 ** 31 - 1;

/**
 * Makes a pusher-js instance that talks through a gate of ours.
 *
 * pusher-js takes its WebSocket and its network monitor from a runtime that all users of the loaded copy share. Both
 * are ours only while the constructor runs, which opens the socket before it returns; then they are as before, so
 * that another package's pusher-js never meets them. For the same reason the instance is taken off the list that
 * pusher-js keeps for ever, and no callback is left on the network monitor.
 */
export function openPusher({ appKey, secure, openGate, signatureOf }: PusherSettings): Pusher {
  const PusherJs = loadLate('pusher-js', isPusherClass);
  const runtime = PusherJs.Runtime;
  const network = runtime.getNetwork();
  const createWebSocket = Object.getOwnPropertyDescriptor(runtime, 'createWebSocket') ?? {};
  runtime.createWebSocket = (url) => openGate(new URL(url).search);
  network.bind = () => network;
  try {
    const pusher = new PusherJs(appKey, {
      cluster: '',
      wsHost: 'chatapp.invalid',
      forceTLS: secure,
      // `wss` too would make it open a second socket of its own beside a `ws:` one that takes 2 s.
      enabledTransports: ['ws'],
      enableStats: false,
      activityTimeout: NEVER,
      pongTimeout: NEVER,
      unavailableTimeout: NEVER,
      channelAuthorization: {
        transport: 'ajax',
        endpoint: '',
        customHandler: ({ channelName }, callback) => callback(null, { auth: signatureOf(channelName) }),
      },
    });
    // In place: the list belongs to the class beneath the one that pusher-js exports.
    PusherJs.instances.splice(PusherJs.instances.indexOf(pusher), 1);
    return pusher;
  } finally {
    Object.defineProperty(runtime, 'createWebSocket', createWebSocket);
    // `bind` of the prototype comes to light again.
    Reflect.deleteProperty(network, 'bind');
  }
}

/** Asks for a channel. Asking again for one whose answer never came asks again. */
export function subscribe(pusher: Pusher, channel: string): void {
  forget(pusher, channel);
  pusher.subscribe(channel);
}

/** Leaves a channel, whatever pusher-js believes its state to be: a refusal without a name leaves it pending. */
export function forget(pusher: Pusher, channel: string): void {
  const known = pusher.channels.channels[channel];
  if (known?.subscriptionPending) {
    known.disconnect();
    pusher.send_event('pusher:unsubscribe', { channel });
  }
  pusher.unsubscribe(channel);
}
