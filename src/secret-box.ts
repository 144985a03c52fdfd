import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { isRecord, parseJson } from './events/json';

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const SALT_BYTES = 16;

/** Of texts into whose key the key of their store is mixed. Those of earlier versions of this package have no number. */
const VERSION = 2;

/** Makes a guess at the secret cost 64 MB of memory and about 0.4 s, for what is stored where others can read it. */
export const COSTLY: ScryptOptions = { N: 2 ** 16, r: 8, p: 2, maxmem: 2 ** 27 };

export interface SecretBoxOptions {
  /**
   * A random text that is not where the locked texts are read: without it, a weak secret could be guessed from one of
   * them. Absent: the secret alone counts.
   */
  readonly storeKey?: (() => Promise<string>) | undefined;
  /** What deriving a key costs; default: that of Node.js, 16 MB. */
  readonly cost?: ScryptOptions;
}

/** Locks texts with a key derived from a secret: who does not know the secret can neither read nor change them. */
export class SecretBox {
  #key: { readonly salt: Buffer; readonly hasStoreKey: boolean; readonly key: Promise<Buffer> } | undefined;

  constructor(
    private readonly secret: string,
    private readonly options: SecretBoxOptions = {},
  ) {}

  /** The locked text, as JSON. No two are alike, even of the same text. */
  async lock(text: string): Promise<string> {
    const salt = this.#key?.salt ?? randomBytes(SALT_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const hasStoreKey = this.options.storeKey !== undefined;
    const cipher = createCipheriv(CIPHER, await this.#keyFor(salt, hasStoreKey), nonce);
    const locked = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const [encodedSalt, encodedNonce, tag, data] = [salt, nonce, cipher.getAuthTag(), locked].map(encode);
    return JSON.stringify({
      ...(hasStoreKey && { version: VERSION }),
      salt: encodedSalt,
      nonce: encodedNonce,
      tag,
      data,
    });
  }

  /** True if the text was locked as `lock` does now: else an earlier version did, and it is to be locked again. */
  isCurrent(locked: string): boolean {
    return isVersioned(parseJson(locked)) === (this.options.storeKey !== undefined);
  }

  /**
   * The text, or `undefined` where it was locked with another secret, changed, or never locked at all.
   * Rejects where the key of the store cannot be read.
   */
  async unlock(locked: string): Promise<string | undefined> {
    const box = parseJson(locked);
    if (!isRecord(box)) return undefined;
    const [salt, nonce, tag, data] = [box.salt, box.nonce, box.tag, box.data].map(decode);
    if (!salt || !nonce || !tag || !data) return undefined;
    const key = await this.#keyFor(salt, isVersioned(box));
    try {
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: 16 });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /** Deriving a key is slow by design: it is done once for each salt. */
  #keyFor(salt: Buffer, hasStoreKey: boolean): Promise<Buffer> {
    const known = this.#key;
    if (known?.salt.equals(salt) && known.hasStoreKey === hasStoreKey) return known.key;
    const key = this.#derive(salt, hasStoreKey);
    this.#key = { salt, hasStoreKey, key };
    // It may be possible the next time.
    key.catch(() => (this.#key = undefined));
    return key;
  }

  async #derive(salt: Buffer, hasStoreKey: boolean): Promise<Buffer> {
    const { storeKey, cost = {} } = this.options;
    const secret = hasStoreKey ? JSON.stringify([this.secret, await storeKey?.()]) : this.secret;
    return deriveKey(secret, salt, KEY_BYTES, cost);
  }
}

function isVersioned(box: unknown): boolean {
  return isRecord(box) && box.version === VERSION;
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
