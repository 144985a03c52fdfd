import { resolve } from 'node:path';
import type { Simulator } from '../../simulator';
import type { Demo } from './demo';
import { demoFlow } from './flow';
import { startNodeRed, type NodeRedProcess } from './node-red';
import { liveShopDay } from './shop-day';
import { prepareUserDirectory } from './user-directory';
import { numberFrom, startAtPort } from './variables';

/** `npm start`: one Node-RED, with the demo's flow and some of the examples. */
export async function startSingle(simulator: Simulator, base: string): Promise<Demo> {
  const folder = resolve(base);
  const keepsOwnFlow = await prepareUserDirectory(folder, simulator.account);
  console.log('Starting Node-RED …');
  let isIntroduced = false;
  const environment = { SIMULATOR_URL: simulator.url, SIMULATOR_SOCKET_URL: simulator.socketUrl };
  const onLine = (line: string): void => {
    if (isIntroduced && / - \[(warn|error|fatal)\] /.test(line)) console.log(line);
  };
  const nodeRed = await startAtPort('Node-RED', { variable: 'PORT', usual: 1880 }, (port) =>
    startNodeRed({ folder, port, environment, onLine }),
  );
  isIntroduced = true;
  console.log(introduction(nodeRed, simulator, keepsOwnFlow ? folder : undefined));
  return {
    ended: nodeRed.ended.then((how) =>
      [`Node-RED has ended (${how}). It said last:`, ...nodeRed.lines.slice(-15)].join('\n  '),
    ),
    live: (signal) => liveShopDay(simulator, numberFrom('DEMO_PAUSE', 3_000), signal),
    stop: () => nodeRed.stop(),
  };
}

/** `kept`: the folder with a flow of the user's own. */
function introduction({ url }: NodeRedProcess, simulator: Simulator, kept: string | undefined): string {
  return [
    '',
    'The demo runs. Nothing leaves this machine.',
    '',
    `  Node-RED's editor      ${url}/`,
    `  ChatApp simulator      ${simulator.url}/`,
    ...(hasInbox(kept !== undefined) ? [`  A live inbox           ${url}/dashboard/chatapp-inbox`] : []),
    '',
    "Open the editor's debug sidebar to see the events come. On the page of the simulator you write as a customer, and",
    'the flow answers.',
    ...(kept === undefined
      ? ['The other tabs are examples that come with the package.']
      : [`Your changes to the flow are kept; without the folder ${kept} the demo begins again.`]),
    'Ctrl-C stops both.',
    '',
  ].join('\n');
}

/** The page is one of the examples; it needs a module of its own. */
function hasInbox(keepsOwnFlow: boolean): boolean {
  return !keepsOwnFlow && demoFlow().modules.includes('@flowfuse/node-red-dashboard');
}
