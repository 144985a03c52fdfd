import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { linkPackage, startNodeRed } from '../../scripts/demo/node-red';
import { isRecord, parseJson } from '../../simulator/json';
import { LEAN_SETTINGS } from '../../test/support/node-red-child';
import { BUNDLED, ROOT } from '../bundled';
import { BEGIN, END, HEAP, lineAddress } from './frames';
import { isReport, readReport, type Report } from './meter';

const FOLDER = join(ROOT, '.cache', 'bench');
const TYPES = ['bench-sink', 'bench-end', 'bench-bare'];
/** How long a subject may take for a run, in ms. */
const REPORT_WITHIN = 60_000;

/** A process that listens to the generator. */
export interface Subject {
  /** Its app key. */
  readonly key: string;
  /** Resolves with its next report of this kind. Ask for it before it can be made. */
  next(kind: Report['kind']): Promise<Report>;
  stop(): Promise<void>;
}

/** Builds the programs of the bench as plain JavaScript: what runs TypeScript by itself would slow some down. */
export async function buildSubjects(): Promise<void> {
  const entryPoints = { peers: join(__dirname, 'peers.ts'), 'nodes/bench': join(__dirname, 'nodes.ts') };
  await build({ entryPoints, outdir: FOLDER, ...BUNDLED });
  await mkdir(join(FOLDER, 'nodes'), { recursive: true });
  const manifest = { name: 'bench-nodes', version: '1.0.0', 'node-red': { nodes: { bench: 'bench.js' } } };
  await writeFile(join(FOLDER, 'nodes/package.json'), JSON.stringify(manifest));
  const types = TYPES.map((type) => `RED.nodes.registerType('${type}', { category: 'bench', defaults: {} });`);
  await writeFile(join(FOLDER, 'nodes/bench.html'), `<script type="text/javascript">${types.join('\n')}</script>`);
}

/** Starts a client without Node-RED. */
export function startPeer(key: 'ws' | 'pusher-js', url: string, flags: readonly string[] = []): Subject {
  const child = spawn(process.execPath, [...flags, join(FOLDER, 'peers.js'), key, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const reports = new EventEmitter();
  createInterface({ input: child.stdout }).on('line', (line) => emitReport(reports, line));
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { key, next: (kind) => nextReport(reports, kind), stop };
}

/** Starts a Node-RED in a user directory of its own, with the default configuration of this package. */
export async function startFlow(key: string, url: string, nodes: readonly object[]): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-bench-'));
  await linkPackage(folder);
  await linkBenchNodes(folder);
  const flow = [{ id: 'tab', type: 'tab', label: 'bench' }, connection(key, url), ...nodes];
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flow));
  await writeFile(join(folder, 'flows_cred.json'), JSON.stringify({ chatapp: { accessToken: 'of the bench' } }));
  const reports = new EventEmitter();
  const nodeRed = await startNodeRed({
    folder,
    port: 0,
    settings: { ...LEAN_SETTINGS, externalModules: {} },
    onLine: (line) => emitReport(reports, line),
  });
  const stop = async (): Promise<void> => {
    await nodeRed.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { key, next: (kind) => nextReport(reports, kind), stop };
}

function connection(key: string, url: string): object {
  const addresses = { apiUrl: url, socketUrl: url.replace('http', 'ws'), appKey: key };
  return { id: 'chatapp', type: 'chatapp-connection', version: 1, auth: 'token', ...addresses };
}

/** A messenger node with its defaults, which also lets the signals of the bench pass if it `takesSignals`. */
export function messenger(id: string, line: number | undefined, next: string, more: object = {}): object {
  const { licenseId, messengerType } = lineAddress(line ?? 0);
  return {
    ...{ id, type: 'chatapp-messenger', version: 1, z: 'tab', x: 100, y: 100, connection: 'chatapp' },
    ...(line !== undefined && { licenseId, messengerType }),
    events: ['message', BEGIN, END, HEAP],
    direction: 'in',
    wires: [[next]],
    ...more,
  };
}

/** A node that counts; what it gets goes on to `next`. */
export function sink(id: string, next?: string): object {
  const passes = next !== undefined;
  return { id, type: 'bench-sink', z: 'tab', x: 300, y: 100, passes, wires: passes ? [[next]] : [] };
}

/** Makes the bench's own nodes known beside the package. */
async function linkBenchNodes(folder: string): Promise<void> {
  await symlink(join(FOLDER, 'nodes'), join(folder, 'node_modules', 'bench-nodes'), 'junction');
  const file = join(folder, 'package.json');
  const manifest = parseJson(await readFile(file, 'utf8'));
  const known = isRecord(manifest) && isRecord(manifest.dependencies) ? manifest.dependencies : {};
  const dependencies = { ...known, 'bench-nodes': `file:${join(FOLDER, 'nodes')}` };
  await writeFile(file, JSON.stringify({ name: 'bench', private: true, dependencies }));
}

function emitReport(reports: EventEmitter, line: string): void {
  const report = readReport(line);
  if (report) reports.emit(report.kind, report);
}

async function nextReport(reports: EventEmitter, kind: Report['kind']): Promise<Report> {
  const reported: unknown[] = await once(reports, kind, { signal: AbortSignal.timeout(REPORT_WITHIN) });
  const report = reported[0];
  if (!isReport(report)) throw new Error(`No report: ${kind}`);
  return report;
}
