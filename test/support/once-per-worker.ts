/** Processes and their pipes that the test files of a worker share, counted by kind. */
export const sharedResources = new Map<string, number>();

/** Sockets come and go while something starts: users of a shared connection must `unref()` it. */
const SHARED_KINDS = ['ProcessWrap', 'PipeWrap'];

const stops: (() => Promise<unknown>)[] = [];

/**
 * Starts something when a test file of this worker first asks for it, and gives it to all later ones: a browser or a
 * Node-RED takes seconds of CPU to start. It must end by itself when the worker ends.
 */
export function oncePerWorker<T>(start: () => Promise<T>, stop: (value: T) => Promise<unknown>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= startShared(start, stop));
}

/** For runs without workers: nothing else would end what the files shared. */
export async function stopShared(): Promise<void> {
  await Promise.all(stops.map((stop) => stop()));
}

async function startShared<T>(start: () => Promise<T>, stop: (value: T) => Promise<unknown>): Promise<T> {
  const before = countedByKind(process.getActiveResourcesInfo());
  const value = await start();
  stops.push(() => stop(value));
  const now = countedByKind(process.getActiveResourcesInfo());
  for (const kind of SHARED_KINDS) {
    const more = (now.get(kind) ?? 0) - (before.get(kind) ?? 0);
    sharedResources.set(kind, more + (sharedResources.get(kind) ?? 0));
  }
  return value;
}

/** As `process.getActiveResourcesInfo()` lists them. */
export function countedByKind(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
