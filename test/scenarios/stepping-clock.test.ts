import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';

/** Some of the suite; `npm run release-check` runs all of it this way. */
const FILES = ['connection-loss.test.ts', 'stop-and-kill.test.ts'];
const TESTS = [
  'gets every message that was sent while the socket was down$',
  'live message of the same chat comes before the subscription is confirmed',
  'two short losses',
  'a message from before its first start',
  'what was sent meanwhile, once',
  'killed while live messages come',
];

describe('scenarios with a wall clock that is set all the time', () => {
  it('lose no message, and deliver none twice', async () => {
    const specs = FILES.flatMap((file) => ['--spec', `${__dirname}/${file}`]);
    const { code, said } = await runMocha(['--no-parallel', ...specs, '--grep', TESTS.join('|')]);
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`^ *${TESTS.length} passing`, 'm'));
  });
});

function runMocha(args: readonly string[]): Promise<{ code: unknown; said: string }> {
  const mocha = require.resolve('mocha/bin/mocha.js');
  const env = { ...process.env, CLOCK_STEPS: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [mocha, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, said: `${stdout}${stderr}` });
    });
  });
}
