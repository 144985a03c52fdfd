/** What is measured, in the order of the tables. `npm run bench -- --only <name>` measures one of them. */
export const PART_NAMES = [
  'throughput',
  'unwanted',
  'steady',
  'delay',
  'listeners',
  'channels',
  'memory',
  'recovery',
  'sending',
  'start',
  'install',
  'growth',
  'profile',
] as const;

export type PartName = (typeof PART_NAMES)[number];
