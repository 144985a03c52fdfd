/** What `npm start` has started, besides the simulator. */
export interface Demo {
  /** Resolves with what to say where it has ended by itself. */
  readonly ended: Promise<string>;
  /** Lets customers write until `signal` ends it. */
  live(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}
