/**
 * Loaded into a Node-RED process ahead of everything else: prints every 100 ms how long the event loop was blocked at most
 * since the last time, and how much memory the process takes.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setInterval } from 'node:timers';

const RESOLUTION = 5;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
delays.enable();
setInterval(() => {
  const blocked = Math.max(0, delays.max / 1e6 - RESOLUTION);
  delays.reset();
  const { rss } = process.memoryUsage();
  process.stdout.write(`probe ${JSON.stringify({ blocked: Math.round(blocked), rss: Math.round(rss / 2 ** 20) })}\n`);
}, 100).unref();
