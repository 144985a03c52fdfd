import { freePort } from './ports';

/**
 * Calls `start` with the port that the variable or `usual` names plus `further`, with another one if that is taken,
 * and prints that. 0 is any free port. If another program takes the port before `start` has opened it, tries again.
 */
export async function startAtPort<T>(
  who: string,
  { variable, usual, further = 0 }: { readonly variable: string; readonly usual: number; readonly further?: number },
  start: (port: number) => Promise<T>,
): Promise<T> {
  const first = numberFrom(variable, usual);
  const wanted = first === 0 ? 0 : first + further;
  for (;;) {
    const port = await freePort(wanted);
    if (port !== wanted) console.log(`Port ${wanted} is taken, so ${who} gets ${port === 0 ? 'another one' : port}.`);
    try {
      return await start(port);
    } catch (error) {
      if ((await freePort(port)) === port) throw error;
    }
  }
}

/** What an environment variable says, or what is usual. Throws where it is no number that could be a port. */
export function numberFrom(variable: string, usual: number): number {
  const text = process.env[variable] ?? '';
  if (text === '') return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new Error(`${variable} is "${text}", which should be a number up to 65535.`);
}
