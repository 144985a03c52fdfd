import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startSimulator, type Simulator } from '../simulator';
import { ACCOUNT } from './support/connection-harness';
import { WAIT_LIMIT } from './support/wait-limit';
import { WsServer } from './support/ws-server';

const PROGRAM = require.resolve('./support/listen-and-close.ts');
const ESTABLISHED =
  '{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.2\\",\\"activity_timeout\\":30}"}';

interface Ended {
  /** How long the process lived after its connection was closed, in ms. */
  readonly lingered: number;
  readonly exitCode: number | null;
  readonly errors: string;
}

/** Runs a process that listens, closes its connection at the status `until`, and then has to end by itself. */
async function run({ url, account }: Simulator, socketUrl: string, until: string): Promise<Ended> {
  const args = ['--import', 'tsx', PROGRAM, url, socketUrl, account.accessToken, until];
  const child = spawn(process.execPath, args, { cwd: join(__dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'] });
  const giveUp = setTimeout(() => child.kill('SIGKILL'), WAIT_LIMIT);
  const [lived, errors, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  clearTimeout(giveUp);
  return { lingered: lived === '' ? Infinity : Number(lived), exitCode, errors };
}

describe('a closed connection leaves nothing that keeps a process alive', () => {
  let simulator: Simulator;
  let hanging: Simulator;
  let mute: WsServer;
  let silent: WsServer;
  let ended: Ended[];

  before(async () => {
    [simulator, hanging, mute, silent] = await Promise.all([
      startSimulator({ account: ACCOUNT }),
      startSimulator({ account: ACCOUNT }),
      WsServer.start(),
      WsServer.start(),
    ]);
    hanging.answerAuthWith('hang');
    const isDisconnected = mute.socket().then((socket) => {
      socket.send(ESTABLISHED);
      socket.pause();
    });
    ended = await Promise.all([
      run(simulator, simulator.socketUrl, 'listening'),
      run(hanging, mute.url, 'authorising'),
      run(simulator, silent.url, 'connecting'),
    ]);
    await isDisconnected;
  });
  after(() => Promise.all([simulator, hanging, mute, silent].map((server) => server.close())));

  const cases = [
    ['it ends by itself within 2 s', 2_000],
    ['also where the server receives no goodbye and the API never answers: it ends within 1 s', 1_000],
    ['also where the connection was never made', 1_000],
  ] as const;
  for (const [index, [what, limit]] of cases.entries()) {
    it(what, () => {
      const { lingered, exitCode, errors } = ended[index] ?? assert.fail('it was not run');
      assert.equal(exitCode, 0, errors);
      assert.ok(lingered < limit, `${Math.round(lingered)} ms`);
    });
  }
});
