import { EventEmitter } from 'node:events';
import type { Delivery, ReceivedFrame, ReceivedRequest } from './contract';

const KEPT = 10_000;

/** It is noted when it comes or leaves, and gets its status when it is answered. */
type Noted<T> = { -readonly [K in keyof T]: T[K] };
type RequestEntry = Noted<ReceivedRequest>;
type DeliveryEntry = Noted<Delivery>;

/** What happened so far, and who wants to know when more does. */
export class RequestLog {
  readonly requests: RequestEntry[] = [];
  readonly frames: ReceivedFrame[] = [];
  readonly deliveries: DeliveryEntry[] = [];
  connections = 0;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  request(entry: RequestEntry): RequestEntry {
    push(this.requests, entry);
    this.changed();
    return entry;
  }

  delivery(entry: DeliveryEntry): DeliveryEntry {
    push(this.deliveries, entry);
    this.changed();
    return entry;
  }

  answered(entry: RequestEntry | DeliveryEntry, status: number): void {
    entry.status = status;
    this.changed();
  }

  frame(entry: ReceivedFrame): void {
    push(this.frames, entry);
    this.changed();
  }

  changed(): void {
    this.#changes.emit('change');
  }

  /** Returns how to end it. */
  onChange(listener: () => void): () => void {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Resolves once `holds` returns true, asked now and at every change; rejects after `timeoutMs`, or if it throws. */
  until(holds: () => boolean, timeoutMs: number, state: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        stop();
      };
      const ask = (): void => {
        try {
          if (!holds()) return;
          end();
          resolve();
        } catch (error) {
          end();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`The simulator did not get there within ${timeoutMs} ms (${state()})`));
      }, timeoutMs);
      const stop = this.onChange(ask);
      ask();
    });
  }
}

function push<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > KEPT) list.splice(0, list.length - KEPT);
}
