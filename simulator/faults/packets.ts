import type { Duplex } from 'node:stream';
import type { Packets } from './contract';

/** How long frames are gathered to be joined, in ms. */
const GATHERED_FOR = 100;

/** Writes frames past `ws` on a socket of its own, so that it decides where TCP packets begin and end. */
export class PacketWriter {
  readonly #socket: Duplex;
  #pieces: Buffer[] = [];
  #isWriting = false;
  #gathered: Buffer[] = [];

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  write(frame: string | Buffer, packets: Packets): void {
    if (packets === 'split') this.#queue(piecesOf(frameBytes(frame)));
    else this.#gather(frameBytes(frame));
  }

  writeBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Half of a frame, and then the end of the socket. */
  breakOff(frame: string): void {
    const bytes = frameBytes(frame);
    this.#socket.write(bytes.subarray(0, bytes.length / 2), () => this.#socket.destroy());
  }

  #gather(bytes: Buffer): void {
    this.#gathered.push(bytes);
    if (this.#gathered.length > 1) return;
    setTimeout(() => {
      const joined = Buffer.concat(this.#gathered);
      this.#gathered = [];
      const cut = Math.floor(joined.length * 0.7);
      this.#queue([joined.subarray(0, cut), joined.subarray(cut)]);
    }, GATHERED_FOR).unref();
  }

  /** One piece a turn of the event loop: so each becomes a packet of its own. */
  #queue(pieces: readonly Buffer[]): void {
    this.#pieces.push(...pieces);
    if (this.#isWriting) return;
    this.#isWriting = true;
    const next = (): void => {
      const piece = this.#pieces.shift();
      this.#isWriting = piece !== undefined && this.#socket.writable;
      if (piece === undefined || !this.#isWriting) return;
      this.#socket.write(piece);
      setImmediate(next);
    };
    next();
  }
}

/** A frame as a server writes it: whole, unmasked. */
export function frameBytes(frame: string | Buffer): Buffer {
  const payload = Buffer.from(frame);
  const opcode = typeof frame === 'string' ? 0x81 : 0x82;
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([opcode, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = opcode;
  header[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** Cut within the header, right after it, in the middle, and before the last byte. */
function piecesOf(bytes: Buffer): Buffer[] {
  const cuts = [...new Set([0, 1, 4, Math.floor(bytes.length / 2), bytes.length - 1, bytes.length])];
  return cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index] ?? 0, cut));
}
