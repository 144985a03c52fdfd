import { hashText } from '../events/hash';

/**
 * Which member owns each partition of a listener: rendezvous hashing, with the same number of partitions for each, give or
 * take one. Every instance computes the same, and little moves if a member comes or goes.
 * @param members the ids of those that may own one, in any order
 * @returns the owner by partition; empty without members
 */
export function assignPartitions(listener: string, partitions: number, members: readonly string[]): string[] {
  const bids = members.flatMap((member) =>
    Array.from({ length: partitions }, (_, partition) => ({
      member,
      partition,
      score: hashText(`${member}/${listener}/${partition}`, 0),
    })),
  );
  bids.sort((a, b) => b.score - a.score || (a.member < b.member ? -1 : 1));
  const share = Math.floor(partitions / members.length);
  /** How many members get one partition more. */
  let extras = partitions % members.length;
  const counts = new Map<string, number>();
  const owners: string[] = [];
  for (const { member, partition } of bids) {
    const count = counts.get(member) ?? 0;
    if (owners[partition] !== undefined || count > share || (count === share && extras === 0)) continue;
    if (count === share) extras -= 1;
    counts.set(member, count + 1);
    owners[partition] = member;
  }
  return owners;
}
