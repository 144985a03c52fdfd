import { createConnection } from '../../src/connection';

/**
 * A program that listens to two channels, closes its connection as soon as it has reached a given step, and has
 * nothing left to do then. At its end it writes how long it has lived since, in ms.
 * Arguments: API URL, socket URL, token, the status at which to close.
 */
const [apiUrl = '', socketUrl = '', accessToken = '', until = ''] = process.argv.slice(2);
const fail = (error: Error): never => {
  throw error;
};

const connection = createConnection({ credentials: { kind: 'token', accessToken }, apiUrl, socketUrl, onError: fail });
let isClosing = false;
const listener = {
  events: [],
  direction: 'any',
  onItem: () => undefined,
  onError: fail,
  onStatus: ({ kind }: { readonly kind: string }): void => {
    if (kind !== until || isClosing) return;
    isClosing = true;
    // Not from within the call that tells the status.
    setImmediate(() => {
      void connection.close().then(() => {
        const closedAt = performance.now();
        process.on('exit', () => process.stdout.write(`${performance.now() - closedAt}`));
      });
    });
  },
} as const;
connection.listen({ ...listener, channel: { type: 'user', userId: '9041' } });
connection.listen({ ...listener, channel: { type: 'messenger' } });
