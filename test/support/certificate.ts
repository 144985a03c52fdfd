import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** PEM texts: a server's key and certificate for 127.0.0.1, and the authority that nobody knows but us. */
export interface Certificate {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate with the openssl program; nothing of it stays on disk. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-certificate-'));
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  try {
    await writeFile(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    await openssl('req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca', '-days', '2', '-subj', '/CN=Own CA');
    await openssl('req', ...NEW_KEY, '-keyout', 'key', '-out', 'request', '-subj', '/CN=localhost');
    const signing = ['-CA', 'ca', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
    await openssl('x509', '-req', '-in', 'request', ...signing, '-out', 'cert');
    const [ca, key, cert] = await Promise.all(
      ['ca', 'key', 'cert'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    return { ca: ca ?? '', key: key ?? '', cert: cert ?? '' };
  } finally {
    await rm(folder, { recursive: true });
  }
}
