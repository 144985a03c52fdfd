import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM, CHROMIUM_FLAGS } from '../../scripts/chromium';
import { oncePerWorker } from './once-per-worker';

// The editor asks for a catalogue of nodes in the world outside.
const LOOPBACK_ONLY = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1';

/** Tests that need a browser. Where there is none they are skipped, and say so. */
export function describeInBrowser(title: string, body: (this: Mocha.Suite) => void): void {
  if (CHROMIUM === undefined)
    describe.skip(`${title} (skipped: no Chromium here; the variable CHROMIUM may name one)`, body);
  else describe(title, body);
}

/** The browser of this worker. Each `newPage()` has cookies and storage of its own; close the page, not the browser. */
export const sharedBrowser = oncePerWorker(startBrowser, (browser) => browser.close());

async function startBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('there is no Chromium');
  return chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_FLAGS, LOOPBACK_ONLY] });
}
