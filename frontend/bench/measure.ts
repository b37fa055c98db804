import type { Page } from 'playwright-core';

/** Times are in ms. */
export interface Times {
  p50: number;
  p95: number;
  mean: number;
  count: number;
}

export function timesOf(all: readonly number[]): Times {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), mean: sorted.reduce((sum, one) => sum + one, 0) / sorted.length, count: sorted.length };
}

declare global {
  interface Window {
    benchFrames: number[] | undefined;
    benchKeys: number[] | undefined;
  }
}

/** Times between the frames of the page while something is done. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const frames: number[] = (window.benchFrames = []);
    const frame = (now: number) => {
      frames.push(now);
      if (window.benchFrames === frames) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await work();
  const at = await page.evaluate(() => {
    const frames = window.benchFrames ?? [];
    window.benchFrames = undefined;
    return frames;
  });
  return at.slice(1).map((time, i) => time - (at[i] ?? 0));
}

/** Times from each key to the end of the frame that follows it. */
export async function keysDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    window.benchKeys ??= [];
    window.benchKeys.length = 0;
  });
  await work();
  return page.evaluate(() => [...(window.benchKeys ?? [])]);
}

/** Listens to keys from now on, in every document of the page. */
export async function listenToKeys(page: Page): Promise<void> {
  await page.addInitScript(() => {
    addEventListener(
      'keydown',
      (event) => {
        requestAnimationFrame(() => {
          // A task after the frame's callbacks comes when the frame has been drawn.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => window.benchKeys?.push(performance.now() - event.timeStamp);
          port2.postMessage(undefined);
        });
      },
      { capture: true },
    );
  });
}
