/** Waits in the lab, which is slow, and whose kernel does things in its own time. */

const PAUSE_MS = 10;
const TIMEOUT_MS = 60_000;

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Looks again and again until `look` finds something; rejects when it takes too long. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  timeoutMs = TIMEOUT_MS,
): Promise<Found> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await pause(PAUSE_MS);
  }
}
