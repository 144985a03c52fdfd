import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { linkPackage, startNodeRed } from '../../scripts/demo/node-red';
import { PACKAGE } from '../../scripts/example-flows';
import type { Simulator } from '../../simulator';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { oncePerWorker } from './once-per-worker';
import { WAIT_LIMIT } from './wait-limit';

/** What a debug node showed in the sidebar. */
export interface DebugMessage {
  /** The debug node's id. */
  readonly id: string;
  /** An object where it showed one, else the text. */
  readonly shown: unknown;
}

/** A node as the editor deploys it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Core nodes of which most tests have none. */
const UNUSED =
  '06-httpproxy 10-file 10-mqtt 10-switch 16-range 17-split 18-sort 19-batch 21-httpin 21-httprequest 22-websocket 23-watch ' +
  '31-tcpin 32-udp 70-CSV 70-HTML 70-JSON 70-XML 70-YAML 80-template 89-delay 89-trigger 90-exec rbe';

/** Node-RED then does not run `npm -v` when it starts, which takes a fifth of the CPU time of a start. */
const WITHOUT_NPM = { allowInstall: false };

/**
 * Settings of a Node-RED that starts in half the CPU time: it loads neither these core nodes nor the modules that it finds
 * beside itself in the project's `node_modules`. Its editor does not load Monaco.
 */
export const LEAN_SETTINGS = {
  externalModules: { palette: { ...WITHOUT_NPM, allowList: [PACKAGE] } },
  nodesExcludes: UNUSED.split(' ').map((name) => `${name}.js`),
  editorTheme: { tours: false, projects: { enabled: false }, codeEditor: { lib: 'ace' } },
};

/** In place of `LEAN_SETTINGS`: all nodes that are there. */
export const ALL_NODES = { externalModules: { palette: WITHOUT_NPM }, nodesExcludes: [] };

/** A real Node-RED in a process and a user directory of its own, watched the way the editor watches it. */
export interface NodeRedChild {
  readonly url: string;
  readonly pid: number | undefined;
  /** All that it printed. */
  readonly lines: readonly string[];
  /** What debug nodes showed, oldest first. */
  readonly debugged: readonly DebugMessage[];
  /** How many of them are of flows before the last deploy. */
  readonly debuggedBefore: number;
  /** What the debug node `id` showed, oldest first. */
  shownBy(id: string): unknown[];
  /** The statuses that the node `id` has had since the last deploy, oldest first. */
  statuses(id: string): JsonRecord[];
  /** Resolves once `predicate` holds, asked at whatever happens; rejects after `WAIT_LIMIT`. */
  until(what: string, predicate: () => boolean): Promise<void>;
  /** Resolves once the listeners of these ids are green, on all of their lines. */
  untilListening(...ids: readonly string[]): Promise<void>;
  /** Deploys all nodes, as one of the editor's three kinds of deploy. Resolves once the flows before have ended and these are there. */
  deploy(nodes: readonly FlowNode[], type?: 'full' | 'flows' | 'nodes'): Promise<void>;
  /** Forgets lines, messages and statuses so far: those of another test file. */
  forget(): void;
  /** The JSON answer of the admin API. */
  get(path: string): Promise<unknown>;
  /** Ends it and removes its user directory. */
  stop(): Promise<void>;
}

/**
 * Starts Node-RED without flows. `folder` holds what is installed; default: the working tree. `environment` has
 * variables besides our own, `settings` what Node-RED's settings hold besides or instead of `LEAN_SETTINGS`.
 */
export async function startNodeRedChild(
  folder?: string,
  environment: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<NodeRedChild> {
  const userDirectory = folder ?? (await mkdtemp(join(tmpdir(), 'chatapp-node-red-')));
  if (folder === undefined) await linkPackage(userDirectory);
  const happened = new EventEmitter().setMaxListeners(0);
  const lines: string[] = [];
  const process = await startNodeRed({
    folder: userDirectory,
    port: 0,
    environment,
    // The texts of long messages would be cut, so that they are no JSON any more.
    settings: { debugMaxLength: 1_000_000, ...LEAN_SETTINGS, ...settings },
    onLine: (line) => {
      lines.push(line);
      happened.emit('change');
    },
  });
  void process.ended.then((how) => {
    lines.push(`Node-RED has ended: ${how}`);
    happened.emit('change');
  });
  const debugged: DebugMessage[] = [];
  const statuses: { readonly id: string; readonly status: JsonRecord }[] = [];
  let ends = 0;
  /** How many ends of flows there were before the latest start. */
  let endsAtStart = 0;
  let debuggedBefore = 0;
  const editor = await watchEditor(process.url, (topic, data) => {
    // Editors learn of things in their order, but late: what the flows before have said comes until here.
    if (topic === 'notification/runtime-state' && data.state === 'stop' && data.deploy === true) {
      statuses.length = 0;
      debuggedBefore = debugged.length;
      ends += 1;
    }
    // A deploy is answered before the new nodes are there.
    if (topic === 'notification/runtime-deploy') endsAtStart = ends;
    if (topic === 'debug') debugged.push({ id: String(data.id), shown: shownIn(data) });
    if (topic.startsWith('status/')) statuses.push({ id: topic.slice('status/'.length), status: data });
    happened.emit('change');
  });

  const child: NodeRedChild = {
    url: process.url,
    pid: process.pid,
    lines,
    debugged,
    get debuggedBefore() {
      return debuggedBefore;
    },
    shownBy: (id) => debugged.filter((message) => message.id === id).map(({ shown }) => shown),
    statuses: (id) => statuses.filter((entry) => entry.id === id).map(({ status }) => status),
    until: (what, predicate) => until(happened, predicate, () => `${what}\n${lines.slice(-15).join('\n')}`),
    untilListening: (...ids) =>
      child.until(`listening: ${ids.join(', ')}`, () => ids.every((id) => isListening(child.statuses(id).at(-1)))),
    deploy: async (nodes, type = 'full') => {
      const before = ends;
      const headers = { 'content-type': 'application/json', 'node-red-deployment-type': type };
      const body = JSON.stringify(nodes.map(placed));
      const answer = await fetch(`${process.url}/flows`, { method: 'POST', headers, body }).catch((error: unknown) => {
        throw new Error(`Node-RED cannot be reached:\n${lines.slice(-15).join('\n')}`, { cause: error });
      });
      if (!answer.ok) throw new Error(`the deploy was answered with ${answer.status}: ${await answer.text()}`);
      await child.until('the start of the flows', () => endsAtStart > before);
    },
    forget: () => {
      for (const list of [lines, debugged, statuses]) list.length = 0;
      debuggedBefore = 0;
    },
    get: async (path) => {
      const answer = await fetch(`${process.url}${path}`, { headers: { accept: 'application/json' } });
      if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
      return parseJson(await answer.text());
    },
    stop: async () => {
      editor.terminate();
      await process.stop();
      await rm(userDirectory, { recursive: true, force: true });
    },
  };
  return child;
}

/** A Node-RED with default settings for the files of this worker. A file deploys `[]` when it is done. */
export async function sharedNodeRed(): Promise<NodeRedChild> {
  const nodeRed = await shared();
  nodeRed.forget();
  return nodeRed;
}

const shared = oncePerWorker(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shared-node-red-'));
    await linkPackage(folder);
    return startNodeRedChild(folder);
  },
  (nodeRed) => nodeRed.stop(),
);

/** A connection node that logs in to the simulator. */
export function connectionTo({ url, socketUrl, account }: Simulator, id: string): FlowNode {
  const { email, password, appId } = account;
  return {
    id,
    type: 'chatapp-connection',
    name: '',
    auth: 'account',
    apiUrl: url,
    socketUrl,
    appKey: 'ChatsAppApiProdKey',
    credentials: { email, password, appId },
  };
}

/** A debug node that shows whole messages. */
export function debugNode(id: string, tab: string): FlowNode {
  return { id, type: 'debug', z: tab, active: true, tosidebar: true, complete: 'true', targetType: 'full', wires: [] };
}

/** Green, and on all of its lines. */
function isListening(status: JsonRecord | undefined): boolean {
  return status?.fill === 'green' && !/^\d+ of \d+ /.test(String(status.text));
}

/** What stands on a tab has a place on it: without one, Node-RED takes it for a config node. */
function placed(node: FlowNode): FlowNode {
  return 'z' in node ? { x: 100, y: 100, ...node } : node;
}

/** Opens the socket of the Node-RED at `url` through which editors learn of statuses and debug messages. */
export async function watchEditor(url: string, onData: (topic: string, data: JsonRecord) => void): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/comms`);
  // It may be shared by several test files, and must not count as left open by one of them.
  socket.once('upgrade', (response) => response.socket.unref());
  socket.on('message', (data: Buffer) => {
    const batch = parseJson(data.toString());
    for (const entry of Array.isArray(batch) ? batch : []) {
      if (isRecord(entry) && typeof entry.topic === 'string' && isRecord(entry.data)) onData(entry.topic, entry.data);
    }
  });
  await once(socket, 'open');
  return socket;
}

/** Objects travel as JSON text. */
function shownIn({ msg, format }: JsonRecord): unknown {
  const isText = typeof msg !== 'string' || (typeof format === 'string' && format.startsWith('string'));
  return isText ? msg : (parseJson(msg) ?? msg);
}

function until(happened: EventEmitter, predicate: () => boolean, describe: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      happened.off('change', check);
    };
    const check = (): void => {
      if (!predicate()) return;
      end();
      resolve();
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`Within ${WAIT_LIMIT} ms there was no: ${describe()}`));
    }, WAIT_LIMIT);
    // Of several that are waited for, the first one may do: then the others do not keep the process.
    timer.unref();
    happened.on('change', check);
    check();
  });
}
