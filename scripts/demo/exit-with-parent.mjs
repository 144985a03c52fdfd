/**
 * Loaded into a Node-RED process ahead of Node-RED itself. It tells the process that started it when flows run, and
 * ends the process when that one is gone, however that came about: no Node-RED is left behind.
 */
import { createRequire } from 'node:module';

// The Node-RED that this process is about to run: there may be several on this machine.
const nodeRed = createRequire(process.argv[1])('./');

// The parent may be gone before this module runs: then "disconnect" was emitted before anyone listened.
if (!process.connected) process.exit();
process.once('disconnect', () => process.exit());
nodeRed.events.once('flows:started', () => process.send?.('flows started'));
