import type { ProtocolCase } from './cases/case';
import { CHANNEL_CASES } from './cases/channels';
import { CONNECTION_CASES } from './cases/connection';
import { TRIGGER_CASES } from './cases/triggers';

/** What a Pusher server does, case by case: the simulator and soketi are both run against this one list. */
export const PROTOCOL_CASES: readonly ProtocolCase[] = [...CONNECTION_CASES, ...CHANNEL_CASES, ...TRIGGER_CASES];
