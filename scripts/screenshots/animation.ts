import { stat, writeFile } from 'node:fs/promises';
import { encode } from 'modern-gif';
import type { Page } from 'playwright-core';
import { imagePath } from './harness';

/** Of what the page shows: small enough to load at once, large enough to read. */
const SCALE = 0.7;
/** How long each step is shown, and the last one, in ms. */
const [SHOWN_FOR, LAST_SHOWN_FOR] = [1_800, 4_000];
/** The editor is drawn in few colours. */
const COLORS = 64;

/** Scales a screenshot in the page. The result is RGBA in base64, and its size in px. */
const SCALED = `async (screenshot) => {
  const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,' + screenshot)).blob());
  const [width, height] = [bitmap.width, bitmap.height].map((size) => Math.round(size * ${SCALE}));
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  let binary = '';
  for (let at = 0; at < data.length; at += 8192) binary += String.fromCharCode(...data.subarray(at, at + 8192));
  return { width, height, pixels: btoa(binary) };
}`;

/** A moving picture of what a page shows, step by step. */
export class Animation {
  readonly #frames: { width: number; height: number; data: Uint8ClampedArray<ArrayBuffer>; delay: number }[] = [];

  constructor(private readonly page: Page) {}

  /** Adds what the page shows now. */
  async add(): Promise<void> {
    const screenshot = await this.page.screenshot({ animations: 'disabled', caret: 'hide' });
    const scaled: unknown = await this.page.evaluate(`(${SCALED})('${screenshot.toString('base64')}')`);
    if (!isScaled(scaled)) throw new Error('The page could not scale its screenshot.');
    const data = new Uint8ClampedArray(Buffer.from(scaled.pixels, 'base64'));
    this.#frames.push({ width: scaled.width, height: scaled.height, data, delay: SHOWN_FOR });
  }

  /** Writes the picture `name`, which begins again at its end. */
  async write(name: string): Promise<void> {
    const [first] = this.#frames;
    const last = this.#frames.at(-1);
    if (!first || !last) throw new Error('There is nothing to show.');
    last.delay = LAST_SHOWN_FOR;
    const { width, height } = first;
    const gif = await encode({ width, height, frames: this.#frames, maxColors: COLORS, looped: true });
    const path = imagePath(`${name}.gif`);
    await writeFile(path, new Uint8Array(gif));
    console.log(`${path}: ${(await stat(path)).size} bytes`);
  }
}

function isScaled(value: unknown): value is { width: number; height: number; pixels: string } {
  return typeof value === 'object' && value !== null && 'pixels' in value && typeof value.pixels === 'string';
}
