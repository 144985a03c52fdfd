import { PendingLimits, STORED, UNSTORED, type PendingLimitsOptions } from '../../src/delivery/pending-limits';
import { Retention, type RetentionOptions } from '../../src/inbox/retention';
import { FakeClock } from './fake-clock';

export const HOUR = 3_600_000;

/** As a connection makes it; ChatApp's time is that of the clock. */
export function retentionOf(clock: FakeClock, more: Partial<RetentionOptions> = {}): Retention {
  return new Retention({ hours: 24, serverTime: () => clock.now() / 1_000, clock, ...more });
}

export function limitsOf(clock: FakeClock, more: Partial<PendingLimitsOptions> = {}): PendingLimits {
  const retention = retentionOf(clock);
  return new PendingLimits({ stored: STORED, unstored: UNSTORED, retention, clock, onError: () => undefined, ...more });
}

/** For a store whose dead letters do not matter: no time is known. */
export function keepingAll(): { retention: Retention; clock: FakeClock; onRemoved: () => void } {
  const clock = new FakeClock();
  return { retention: retentionOf(clock, { serverTime: () => undefined }), clock, onRemoved: () => undefined };
}
