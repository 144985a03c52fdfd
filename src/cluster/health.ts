import { setImmediate as turn } from 'node:timers/promises';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isDenied } from './failure';
import type { NatsModules } from './nats-options';

/** As large as an event usually is, in bytes: less may still fit where an event does not. */
const EVENT_BYTES = 2_400;
const PAYLOAD = Buffer.alloc(EVENT_BYTES, ' ');

/**
 * Stores a message as an event is stored, in place of the one before on this subject.
 * @throws an error of the client if nothing can be stored
 */
export async function checkWriting(
  js: JetStreamClient,
  subject: string,
  nats: Pick<NatsModules, 'headers'>,
): Promise<void> {
  // New headers for each: the client writes into them.
  const headers = nats.headers();
  headers.set('Nats-Rollup', 'sub');
  await js.publish(subject, PAYLOAD, { headers });
}

/**
 * Asks whether this instance may fetch and acknowledge: a denied `consume` reports nothing and waits for ever. The consumer
 * does not exist, so nobody answers; but a denial comes before the answer to a ping.
 * @throws PermissionViolationError of the client if it may not
 * @param timeout in ms
 */
export async function checkConsuming(connection: NatsConnection, stream: string, timeout: number): Promise<void> {
  const subjects = [`$JS.API.CONSUMER.MSG.NEXT.${stream}.health`, `$JS.ACK.${stream}.health.1.1.1.1.0`];
  const denials: unknown[] = [];
  for (const subject of subjects) {
    connection.request(subject, '', { timeout }).catch((error: unknown) => {
      if (isDenied(error)) denials.push(error);
    });
  }
  await connection.flush();
  await turn();
  if (denials.length > 0) throw denials[0];
}
