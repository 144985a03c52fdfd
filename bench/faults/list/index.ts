import type { Fault } from '../fault';
import { AUTHORISATION, RECOVERY, TOKENS } from './api';

import { FRAMES } from './frames';
import { GAPS } from './gaps';
import { HANDSHAKES } from './handshakes';
import { RESTARTS } from './restarts';
import { SENDING } from './sending';
import { ENDING_SOCKETS, UNREACHABLE } from './sockets';
import { WEBHOOKS } from './webhooks';

/** Every fault of the battery. */
export const FAULTS: readonly Fault[] = [
  ...ENDING_SOCKETS,
  ...[...UNREACHABLE, ...HANDSHAKES].map((fault): Fault => ({ ...fault, isSlowForStock: true })),
  ...FRAMES,
  ...AUTHORISATION,
  ...TOKENS,
  ...RECOVERY,
  ...GAPS,
  ...RESTARTS,
  ...WEBHOOKS,
  ...SENDING,
];
