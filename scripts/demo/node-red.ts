import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { fileOfNodeRed } from './which-node-red';

const ROOT = resolve(__dirname, '../..');
const PACKAGE = '@chatapp-community/node-red-chatapp';
/** In ms. A slow machine that does something else as well needs a while to load Node-RED. */
const START_WITHIN = 60_000;
/** In ms. Node-RED gives each node 15 s to close, which is longer than anyone likes to wait. */
const STOP_WITHIN = 3_000;
const LINES_KEPT = 200;

export interface NodeRedOptions {
  /** The user directory; it must be there. */
  readonly folder: string;
  /** On loopback. 0: any free port. */
  readonly port: number;
  /** More settings of Node-RED. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment variables besides our own; flows may name them. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Gets what Node-RED prints, line by line. */
  readonly onLine?: (line: string) => void;
}

/** A Node-RED process whose flows run. */
export interface NodeRedProcess {
  /** Of the editor and the admin API, such as `http://127.0.0.1:1880`. */
  readonly url: string;
  readonly pid: number | undefined;
  /** The last lines that it printed. */
  readonly lines: readonly string[];
  /** Resolves when the process is gone, with its exit code or signal. */
  readonly ended: Promise<string>;
  /** Stops flows and process; what does not stop by itself is killed. Settles within 4 s. */
  stop(): Promise<void>;
}

/**
 * Starts Node-RED with a user directory of its own: nothing is sent anywhere, and nobody is asked anything.
 * Rejects with its last lines where it does not come up.
 */
export async function startNodeRed(options: NodeRedOptions): Promise<NodeRedProcess> {
  const settingsFile = join(options.folder, 'settings.json');
  await writeFile(settingsFile, JSON.stringify(settingsOf(options), undefined, 2));
  const preload = pathToFileURL(require.resolve('./exit-with-parent.mjs')).href;
  const nodeRed = join(dirname(fileOfNodeRed('node-red/package.json')), 'red.js');
  const child = spawn(
    process.execPath,
    ['--import', preload, nodeRed, '--userDir', options.folder, '--settings', settingsFile],
    {
      cwd: options.folder,
      env: { ...process.env, ...loopbackWithoutProxy(), ...options.environment },
      // A process group of its own: otherwise Ctrl-C would also end Node-RED, which this process stops gracefully.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const ended = endOf(child);
  const lines: string[] = [];
  const listening = addressFrom(child, (line) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    options.onLine?.(line);
  });
  const stop = (): Promise<void> => stopProcess(child, ended);
  try {
    const running = new Promise<unknown>((settle) => child.once('message', settle));
    const url = await inTime(Promise.all([listening, running]), ended);
    return { url: url[0], pid: child.pid, lines, ended, stop };
  } catch (error) {
    await stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error([`Node-RED did not start: ${reason}`, ...lines.slice(-15)].join('\n  '), { cause: error });
  }
}

/** Links the working tree into a user directory, as if it were installed there. */
export async function linkPackage(folder: string): Promise<void> {
  const link = join(folder, 'node_modules', PACKAGE);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { recursive: true, force: true });
  await symlink(ROOT, link, 'junction');
  // Without it Node-RED would take the package for something that another one brought along.
  const manifest = { name: 'node-red-user', private: true, dependencies: { [PACKAGE]: `file:${ROOT}` } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
}

function settingsOf({ port, settings }: NodeRedOptions): Record<string, unknown> {
  return {
    uiHost: '127.0.0.1',
    // As a number, 0 would stand for the usual port.
    uiPort: String(port),
    flowFile: 'flows.json',
    flowFilePretty: true,
    // Credentials are kept as plain JSON: those of a simulator are no secret.
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: { enabled: false } },
    ...settings,
  };
}

/** The simulator is on this machine: a proxy for the world outside has no business with it. */
function loopbackWithoutProxy(): Record<string, string> {
  const listed = process.env.no_proxy ?? process.env.NO_PROXY;
  const noProxy = listed ? `${listed},127.0.0.1` : '127.0.0.1';
  return { no_proxy: noProxy, NO_PROXY: noProxy, npm_config_no_proxy: noProxy };
}

/** Resolves when the process has ended and what it printed is read. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code ?? 'unknown'}`;
      child.once('close', () => settle(how));
      // What a flow has started may keep the pipes open.
      setTimeout(() => settle(how), 1_000).unref();
    });
  });
}

/** Hands on what the process prints; resolves with the address that it says to listen at. */
function addressFrom(child: ChildProcess, onLine: (line: string) => void): Promise<string> {
  return new Promise((settle) => {
    const read = (stream: Readable | null): void => {
      if (!stream) return;
      createInterface({ input: stream }).on('line', (line) => {
        // The words before it depend on the language of the machine.
        const [address] = /http:\/\/127\.0\.0\.1:\d+(?=\/([\w-]+\/)?$)/.exec(line) ?? [];
        if (address !== undefined) settle(address);
        onLine(line);
      });
    };
    read(child.stdout);
    read(child.stderr);
  });
}

function inTime<T>(started: Promise<T>, ended: Promise<string>): Promise<T> {
  return new Promise((settle, reject) => {
    const timer = setTimeout(() => reject(new Error(`it took more than ${START_WITHIN / 1000} s`)), START_WITHIN);
    void started.then(settle).finally(() => clearTimeout(timer));
    void ended.then((how) => reject(new Error(how))).finally(() => clearTimeout(timer));
  });
}

async function stopProcess(child: ChildProcess, ended: Promise<string>): Promise<void> {
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN);
  // Node-RED understands this word on every system; Windows knows no signal that would let it clean up.
  if (child.connected) child.send('shutdown', () => undefined);
  await ended;
  clearTimeout(kill);
}
