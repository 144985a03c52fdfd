import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** The Chromium that CHROMIUM names, else one where systems have it. */
const PLACES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const PATH = PLACES.find((path) => path !== '' && existsSync(path));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // The editor asks for a catalogue of nodes in the world outside.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** Tests that need a browser. Where there is none they are skipped, and say so. */
export function describeInBrowser(title: string, body: (this: Mocha.Suite) => void): void {
  if (PATH === undefined)
    describe.skip(`${title} (skipped: no Chromium here; the variable CHROMIUM may name one)`, body);
  else describe(title, body);
}

export async function startBrowser(): Promise<Browser> {
  if (PATH === undefined) throw new Error('there is no Chromium');
  return chromium.launch({ executablePath: PATH, args: FLAGS });
}
