import type { FileLink } from '../api/chat-order';
import type { Upload } from '../api/multipart';
import { ChatAppError } from '../errors';
import { withoutInvisible } from '../pasted-text';

/** The largest file that any of the messengers takes, in MB. */
export const MAX_FILE_BYTES = 100;
const MB = 1_024 * 1_024;
/** The longest name that file systems take. */
const MAX_NAME_LENGTH = 255;

/**
 * A file, as the address of one on the web or as its bytes. A name that is not reported is taken from the address.
 * @throws ChatAppError `SEND_REFUSED`
 */
export function readFile(file: unknown, fileName: string | undefined): FileLink | Upload {
  if (!(file instanceof Uint8Array)) return readFileLink(file, fileName ?? nameOfUrl(file));
  if (file.length === 0) throw ChatAppError.of('SEND_REFUSED', 'badFile');
  if (file.length > MAX_FILE_BYTES * MB) {
    const size = Math.ceil(file.length / MB);
    throw ChatAppError.of('SEND_REFUSED', 'fileTooLarge', { size, most: MAX_FILE_BYTES });
  }
  return { bytes: Buffer.from(file.buffer, file.byteOffset, file.length), fileName: nameOf(fileName) };
}

/** @throws ChatAppError `SEND_REFUSED` */
export function readFileLink(file: unknown, fileName: string | undefined): FileLink {
  const text = typeof file === 'string' ? withoutInvisible(file) : '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw ChatAppError.of('SEND_REFUSED', 'badFile');
  // Blanks and letters of other alphabets are encoded.
  return { url: url.href, fileName: nameOf(fileName) };
}

/** The last part of an address, as `offer.pdf`; `undefined` where it has none. */
export function nameOfUrl(file: unknown): string | undefined {
  const text = typeof file === 'string' ? withoutInvisible(file) : '';
  if (!URL.canParse(text)) return undefined;
  const last = new URL(text).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** The bare name, without the folders before it. */
function nameOf(fileName: string | undefined): string {
  const name =
    (fileName ?? '')
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\p{Cc}/gu, '')
      .trim() ?? '';
  if (withoutInvisible(name) === '' || name === '.' || name === '..')
    throw ChatAppError.of('SEND_REFUSED', 'noFileName');
  // A long name is cut from its beginning, but no character in half.
  return name.slice(-MAX_NAME_LENGTH).replace(/^\p{Cs}/u, '');
}
