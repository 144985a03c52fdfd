import { existsSync } from 'node:fs';

/** The Chromium that the variable CHROMIUM names, else one where systems have it; `undefined` where there is none. */
export const CHROMIUM = [
  process.env.CHROMIUM ?? '',
  // The same engine without a browser around it: it takes less CPU time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
].find((path) => path !== '' && existsSync(path));

/** It runs as the user that starts it, draws without a graphics card, and makes no requests to the internet. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
