import { freePort } from './ports';

/** The port that the variable or the usual one names, and `further` on; where that is taken, another one, and says so. */
export async function portFor(who: string, variable: string, usual: number, further = 0): Promise<number> {
  const first = numberFrom(variable, usual);
  const wanted = first === 0 ? 0 : first + further;
  const port = await freePort(wanted);
  if (port !== wanted) console.log(`Port ${wanted} is taken, so ${who} gets ${port === 0 ? 'another one' : port}.`);
  return port;
}

/** What an environment variable says, or what is usual. Throws where it is no number that could be a port. */
export function numberFrom(variable: string, usual: number): number {
  const text = process.env[variable] ?? '';
  if (text === '') return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new Error(`${variable} is "${text}", which should be a number up to 65535.`);
}
