import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { Client } from 'pg';
import { onFreePorts } from './restartable-port';

/** How to reach a PostgreSQL server. A password, where it wants one, is in PGPASSWORD. */
interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** By the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A database of its own on a real PostgreSQL. */
export interface Database extends Address {
  readonly name: string;
  /** The rows that a query gives. */
  ask(sql: string): Promise<Row[]>;
  /** Drops it, and ends the server where it was started for it. */
  end(): Promise<void>;
}

/** Where Debian has the programs of the server, besides PATH. */
const DEBIAN = '/usr/lib/postgresql';

/**
 * Makes a database on the PostgreSQL that PGHOST, PGPORT and PGUSER name, else on the one on loopback, else on one that
 * is started for it in a folder of its own. Undefined where there is none and none can be started.
 */
export async function makeDatabase(): Promise<Database | undefined> {
  const present = await presentServer();
  if (present) return databaseAt(present, () => Promise.resolve());
  const programs = programFolder();
  if (programs === undefined) return undefined;
  const started = await onFreePorts(1, ([port = 0]) => startServer(programs, port));
  return databaseAt(started.address, started.end);
}

async function presentServer(): Promise<Address | undefined> {
  const { PGHOST, PGPORT, PGUSER } = process.env;
  const host = PGHOST ?? '127.0.0.1';
  const users = PGUSER === undefined ? [userInfo().username, 'postgres'] : [PGUSER];
  for (const user of users) {
    const address = { host, port: Number(PGPORT ?? 5432), user };
    const answers = await withClient(address, 'postgres', () => Promise.resolve(true)).catch(() => false);
    if (answers) return address;
  }
  return undefined;
}

async function databaseAt(address: Address, endServer: () => Promise<void>): Promise<Database> {
  const name = `chatapp_test_${randomBytes(6).toString('hex')}`;
  await withClient(address, 'postgres', (client) => client.query(`CREATE DATABASE ${name}`));
  return {
    ...address,
    name,
    ask: (sql) => withClient(address, name, async (client) => (await client.query<Row>(sql)).rows),
    end: async () => {
      await withClient(address, 'postgres', (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
      await endServer();
    },
  };
}

async function withClient<T>(
  { host, port, user }: Address,
  database: string,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ host, port, user, database, connectionTimeoutMillis: 3_000 });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`, or `nobody`. */
async function startServer(programs: string, port: number): Promise<{ address: Address; end: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-postgres-'));
  const asUser = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const run = (program: string, ...args: string[]): void => {
    const command = [join(programs, program), ...args];
    const [first = '', ...rest] = asUser === undefined ? command : ['runuser', '-u', asUser, '--', ...command];
    const { status, stderr } = spawnSync(first, rest, {
      encoding: 'utf8',
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    assert.equal(status, 0, `${program}: ${stderr}`);
  };
  if (asUser !== undefined) spawnSync('chown', [asUser, folder]);
  const data = join(folder, 'data');
  run('initdb', '-D', data, '-U', 'tester', '--auth=trust', '--no-sync', '-E', 'UTF8');
  const options = `-c listen_addresses=127.0.0.1 -p ${port} -c unix_socket_directories= -c fsync=off`;
  try {
    run('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', '-o', options, 'start');
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const end = async (): Promise<void> => {
    run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
    await rm(folder, { recursive: true, force: true });
  };
  return { address: { host: '127.0.0.1', port, user: 'tester' }, end };
}

function programFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  const onPath = (process.env.PATH ?? '').split(':');
  return [...versions, ...onPath].find(
    (folder) => existsSync(join(folder, 'pg_ctl')) && existsSync(join(folder, 'initdb')),
  );
}

function unprivilegedUser(): string {
  return spawnSync('id', ['postgres']).status === 0 ? 'postgres' : 'nobody';
}
