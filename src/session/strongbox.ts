import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { isRecord, parseJson } from '../events/json';

const deriveKey = promisify<string, Buffer, number, Buffer>(scrypt);

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const SALT_BYTES = 16;

/** Locks texts with a key derived from a secret: who does not know the secret can neither read nor change them. */
export class Strongbox {
  #key: { readonly salt: Buffer; readonly key: Promise<Buffer> } | undefined;

  constructor(private readonly secret: string) {}

  /** The locked text, as JSON. No two are alike, even of the same text. */
  async lock(text: string): Promise<string> {
    const salt = this.#key?.salt ?? randomBytes(SALT_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, await this.#keyFor(salt), nonce);
    const locked = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const [encodedSalt, encodedNonce, tag, data] = [salt, nonce, cipher.getAuthTag(), locked].map(encode);
    return JSON.stringify({ salt: encodedSalt, nonce: encodedNonce, tag, data });
  }

  /** The text, or `undefined` where it was locked with another secret, changed, or never locked at all. */
  async unlock(locked: string): Promise<string | undefined> {
    const box = parseJson(locked);
    if (!isRecord(box)) return undefined;
    const [salt, nonce, tag, data] = [box.salt, box.nonce, box.tag, box.data].map(decode);
    if (!salt || !nonce || !tag || !data) return undefined;
    try {
      const decipher = createDecipheriv(CIPHER, await this.#keyFor(salt), nonce, { authTagLength: 16 });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /** Deriving a key is slow by design: it is done once for each salt. */
  #keyFor(salt: Buffer): Promise<Buffer> {
    if (!this.#key?.salt.equals(salt)) this.#key = { salt, key: deriveKey(this.secret, salt, KEY_BYTES) };
    return this.#key.key;
  }
}

/** A name for what belongs to `secret` that does not tell it: 16 hex digits. Only for secrets that cannot be guessed. */
export function nameOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 16);
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64');
}

function decode(text: unknown): Buffer | undefined {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
}
