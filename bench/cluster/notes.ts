import { appendFileSync, closeSync, existsSync, openSync, readSync } from 'node:fs';
import { isRecord, parseJson } from '../../simulator/json';

/** What an instance writes down of its work. `at` in ms since the epoch. */
export type Note =
  /** A flow begins to handle the message of this number, attempt number, from 1. */
  | {
      readonly kind: 'took';
      readonly number: number;
      readonly attempt: number;
      /** The flow could know that it may be a repeat. */
      readonly recovered: boolean;
      readonly at: number;
      readonly late: number;
    }
  /** It has handled it. */
  | { readonly kind: 'did'; readonly number: number; readonly at: number }
  /** A message without a number arrived: it only tests that events arrive. */
  | { readonly kind: 'warm'; readonly at: number }
  /** The listener's status. */
  | { readonly kind: 'status'; readonly status: string; readonly at: number }
  /** The code of an error that a flow would get. */
  | { readonly kind: 'error'; readonly code: string; readonly at: number };

/** Read at a time, in bytes. */
const CHUNK = 256 * 1024;

/** Writes at the end of a file at once: what is written survives the death of the process. */
export function writeNote(file: string, note: Note): void {
  appendFileSync(file, `${JSON.stringify(note)}\n`);
}

/** The notes of one instance, which is still writing. */
export class Notebook {
  #position = 0;
  #rest = '';

  constructor(private readonly file: string) {}

  /** The notes added since the last call. */
  readNew(): Note[] {
    const lines = `${this.#rest}${this.#more()}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => readNote(parseJson(line)) ?? []);
  }

  #more(): string {
    if (!existsSync(this.file)) return '';
    const file = openSync(this.file, 'r');
    try {
      const pieces: Buffer[] = [];
      for (;;) {
        const piece = Buffer.alloc(CHUNK);
        const length = readSync(file, piece, 0, CHUNK, this.#position);
        if (length === 0) return Buffer.concat(pieces).toString();
        this.#position += length;
        pieces.push(piece.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
  }
}

function readNote(value: unknown): Note | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, number, attempt, recovered, late = NaN, status, code, at } = value;
  if (typeof at !== 'number') return undefined;
  if (kind === 'warm') return { kind, at };
  if (kind === 'status' && typeof status === 'string') return { kind, status, at };
  if (kind === 'error' && typeof code === 'string') return { kind, code, at };
  if (typeof number !== 'number') return undefined;
  if (kind === 'did') return { kind, number, at };
  if (kind !== 'took' || typeof attempt !== 'number') return undefined;
  return { kind, number, attempt, recovered: recovered === true, at, late: Number(late) };
}
