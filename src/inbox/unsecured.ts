/** The accepted events that a crash could still lose. */
export class Unsecured {
  /** For each of them what waits for it; made when somebody waits, which is seldom. */
  readonly #open = new Set<{ waiting?: (() => void)[] }>();

  /** Something was accepted; the result is called when no crash can lose it any more. */
  add(): () => void {
    const entry: { waiting?: (() => void)[] } = {};
    this.#open.add(entry);
    return () => {
      if (this.#open.delete(entry)) for (const resolve of entry.waiting ?? []) resolve();
    };
  }

  /** Resolves when no crash can lose anything that was accepted until now. */
  async settled(): Promise<void> {
    const all = [...this.#open].map((entry) => new Promise<void>((resolve) => (entry.waiting ??= []).push(resolve)));
    await Promise.all(all);
  }
}
