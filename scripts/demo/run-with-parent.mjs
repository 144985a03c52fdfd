/**
 * Runs a program for the process that started this one, and ends it when that process is gone, for whatever reason:
 * `node run-with-parent.mjs program argument …`, with an IPC channel that is used for nothing else.
 */
import { spawn } from 'node:child_process';

// The parent may be gone before this module runs: then "disconnect" was emitted before anyone listened.
if (!process.connected) process.exit(1);
const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
const endChild = () => child.kill('SIGKILL');
child.once('error', () => process.exit(1));
child.once('exit', (code) => process.exit(code ?? 1));
process.once('disconnect', endChild);
// A signal that ended this process alone would leave the program behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, endChild);
// A channel without a listener does not keep the process alive.
process.on('message', () => undefined);
