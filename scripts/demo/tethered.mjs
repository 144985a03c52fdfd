/**
 * Runs a program for whoever has started this process, and ends it when that one is gone, however that came about:
 * `node tethered.mjs program argument …`, with a channel for messages that is used for nothing else.
 */
import { spawn } from 'node:child_process';

const [program, ...args] = process.argv.slice(2);
// Ctrl-C is for whoever has started it all: that one ends this in good order.
process.on('SIGINT', () => undefined);
const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: process.platform !== 'win32' });
child.once('error', () => process.exit(1));
child.once('exit', (code) => process.exit(code ?? 1));
process.once('disconnect', () => child.kill('SIGKILL'));
// Without a listener the channel would not keep us.
process.on('message', () => undefined);
