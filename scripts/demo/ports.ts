import { createServer } from 'node:net';

/** A port that is taken on any of these is of no use: a browser might meet the other program there. */
const ADDRESSES = ['127.0.0.1', '0.0.0.0', '::1', '::'];
const TRIES = 20;

/** The wanted port where it is free, else one of the next 20, else any. */
export async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port <= Math.min(wanted + TRIES, 65_535); port++) if (await isFree(port)) return port;
  return 0;
}

async function isFree(port: number): Promise<boolean> {
  for (const address of ADDRESSES) if (!(await canListen(port, address))) return false;
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', (error) => settle(isNoSuchAddress(error)));
    server.listen({ port, host, exclusive: true }, () => server.close(() => settle(true)));
  });
}

/** A machine without IPv6 has nobody on it either. */
function isNoSuchAddress(error: Error): boolean {
  return 'code' in error && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');
}
