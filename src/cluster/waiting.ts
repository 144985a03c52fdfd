/** A value that is set and unset over time; callers can wait until it is set. */
export class Waiting<T> {
  #current: { readonly value: T } | undefined;
  #end: Error | undefined;
  readonly #waiters = new Set<{ readonly resolve: (value: T) => void; readonly reject: (error: Error) => void }>();

  /** Rejects after `end`, with its error. */
  wait(): Promise<T> {
    if (this.#end) return Promise.reject(this.#end);
    if (this.#current) return Promise.resolve(this.#current.value);
    return new Promise((resolve, reject) => this.#waiters.add({ resolve, reject }));
  }

  set(value: T): void {
    this.#current = { value };
    for (const { resolve } of this.#waiters) resolve(value);
    this.#waiters.clear();
  }

  unset(): void {
    this.#current = undefined;
  }

  end(error: Error): void {
    this.#end = error;
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters.clear();
  }
}
