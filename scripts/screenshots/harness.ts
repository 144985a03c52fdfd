import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_FLAGS } from '../chromium';

const IMAGES = resolve(__dirname, '../../docs/images');
/** What may take how long on a slow machine, in ms. */
export const WAIT_LIMIT = 60_000;
/** Around what a picture shows, in px. */
const MARGIN = 12;

export interface Harness {
  /** A page of its own with a view of this size, in px. */
  open(size: Size): Promise<Page>;
  close(): Promise<void>;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Starts a Chromium; rejects where there is none. */
export async function startHarness(): Promise<Harness> {
  if (CHROMIUM === undefined) throw new Error('There is no Chromium: the variable CHROMIUM may name one');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_FLAGS] });
  return {
    open: async (viewport) => {
      const page = await browser.newPage({ viewport, colorScheme: 'light', locale: 'en-GB', reducedMotion: 'reduce' });
      page.setDefaultTimeout(WAIT_LIMIT);
      return page;
    },
    close: () => browser.close(),
  };
}

/** Opens the editor, with nothing in its way. `isReady`, an expression in the page, says when its flow is there. */
export async function openEditor(page: Page, url: string, isReady: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(`typeof RED === 'object' && typeof RED.nodes === 'object' && (${isReady})`);
  await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
}

/** Takes the picture `name` of the whole view, or of what `parts` cover together, with a margin. */
export async function take(page: Page, name: string, ...parts: readonly Locator[]): Promise<void> {
  await page.waitForFunction("document.querySelectorAll('.red-ui-notification').length === 0");
  await page.evaluate('document.fonts.ready.then(() => true)');
  const path = imagePath(`${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  const clip = parts.length > 0 ? { clip: await areaOf(page, parts) } : {};
  await page.screenshot({ path, animations: 'disabled', caret: 'hide', ...clip });
  console.log(relative(process.cwd(), path));
}

/** Where a picture of the docs is. */
export function imagePath(name: string): string {
  return join(IMAGES, name);
}

async function areaOf(
  page: Page,
  parts: readonly Locator[],
): Promise<Size & { readonly x: number; readonly y: number }> {
  const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
  const seen = boxes.filter((box) => box !== null);
  if (seen.length < parts.length) throw new Error('What the picture shows is not in the view.');
  const { width: most = 0, height: highest = 0 } = page.viewportSize() ?? {};
  const x = Math.max(0, Math.min(...seen.map((box) => box.x)) - MARGIN);
  const y = Math.max(0, Math.min(...seen.map((box) => box.y)) - MARGIN);
  const right = Math.min(most, Math.max(...seen.map((box) => box.x + box.width)) + MARGIN);
  const bottom = Math.min(highest, Math.max(...seen.map((box) => box.y + box.height)) + MARGIN);
  return { x, y, width: right - x, height: bottom - y };
}
