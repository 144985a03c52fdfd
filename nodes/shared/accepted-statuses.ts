/** The statuses of HTTP that a flow takes for success: the first and the last of each range. */
export type AcceptedStatuses = readonly (readonly [first: number, last: number])[];

/** Reads statuses and ranges of them, separated by commas: `200-299, 304`. `undefined` if the text is none, or is empty. */
export function readStatuses(text: string): AcceptedStatuses | undefined {
  const ranges = text.split(',').map((part) => /^([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?$/.exec(part.trim()));
  const statuses = ranges.flatMap((range): [number, number][] => {
    const [first, last = first] = range?.slice(1).filter(Boolean).map(Number) ?? [];
    return first !== undefined && last !== undefined && first <= last ? [[first, last]] : [];
  });
  return statuses.length === ranges.length ? statuses : undefined;
}

export function isAccepted(status: number, accepted: AcceptedStatuses): boolean {
  return accepted.some(([first, last]) => status >= first && status <= last);
}
