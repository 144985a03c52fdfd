import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../../simulator';

const ROOT = join(__dirname, '..', '..');

describe('the command that starts the simulator', function () {
  // Each of these starts a process of its own, which compiles what it loads.
  let child: ChildProcess;
  let said = '';

  const run = (...args: string[]): void => {
    said = '';
    child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'simulator', 'main.ts'), ...args], { cwd: ROOT });
    const read = (text: Buffer): void => {
      said += text.toString();
      child.emit('said');
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  };
  const printed = async (wanted: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = wanted.exec(said);
      if (found) return found;
      await Promise.race([once(child, 'said'), once(child, 'exit').then(() => Promise.reject(new Error(said)))]);
    }
  };
  afterEach(() => child.kill('SIGKILL'));

  it('says that it is a simulator, where it is and how to log in; Ctrl-C stops it cleanly', async () => {
    run('--port', '0');
    const [, url] = await printed(/API URL +(http:\/\/127\.0\.0\.1:\d+)\n/);
    assert.match(said, /This is a SIMULATOR for ChatApp\. Nothing leaves this machine\./);
    const [, token] = await printed(/access token +(\w+)\n/);
    await printed(/Ctrl-C stops it\./);
    const response = await fetch(`${url ?? ''}/v1/licenses`, { headers: { authorization: token ?? '' } });
    assert.equal(response.status, 200);
    const ended = once(child, 'close');
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
    assert.match(said, /The simulator has stopped\./);
  });

  it('takes another port where its own is taken, and reports it', async () => {
    const other: Simulator = await startSimulator();
    run('--port', String(other.port));
    await printed(new RegExp(`Port ${other.port} is taken, so another one is used\\.`));
    const [, port] = await printed(/API URL +http:\/\/127\.0\.0\.1:(\d+)\n/);
    assert.notEqual(Number(port), other.port);
    await other.close();
  });

  it('explains itself where it is called wrongly', async () => {
    run('--port', 'nine');
    assert.deepEqual(await once(child, 'close'), [2, null]);
    assert.match(said, /Usage: npm run simulator -- --port 9601/);
  });
});
