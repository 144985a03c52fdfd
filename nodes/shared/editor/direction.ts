/** What a dialog says below the direction: the keys under which the words stand. */
export type DirectionTip = 'leavesOut' | 'changes';

/**
 * What there is to say about the direction that is chosen in a dialog. `before` is the one that a node without a version
 * was saved with: such a node gets `messageStatus` with `in` until it is edited. No event chosen means every event.
 */
export function directionTip(chosen: unknown, before: unknown, events: readonly string[]): DirectionTip | undefined {
  if (chosen !== 'in' || (events.length > 0 && !events.includes('messageStatus'))) return undefined;
  return before === 'in' ? 'changes' : 'leavesOut';
}
