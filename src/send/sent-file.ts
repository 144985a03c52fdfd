import type { FileLink } from '../api/chat-order';
import type { Upload } from '../api/multipart';
import { ChatAppError } from '../errors';

/** The largest file that any of the messengers takes, in MB. */
export const LARGEST_FILE = 100;
const MB = 1_024 * 1_024;
/** The longest name that file systems take. */
const LONGEST_NAME = 255;

/**
 * A file, as the address of one that lies on the web or as its bytes. A name that is not told is taken from the address.
 * @throws ChatAppError `SEND_REFUSED`
 */
export function readFile(file: unknown, fileName: string | undefined): FileLink | Upload {
  if (!(file instanceof Uint8Array)) return readFileLink(file, fileName ?? nameOfUrl(file));
  if (file.length === 0) throw ChatAppError.of('SEND_REFUSED', 'badFile');
  if (file.length > LARGEST_FILE * MB) {
    const size = Math.ceil(file.length / MB);
    throw ChatAppError.of('SEND_REFUSED', 'fileTooLarge', { size, most: LARGEST_FILE });
  }
  return { bytes: Buffer.from(file.buffer, file.byteOffset, file.length), fileName: nameOf(fileName) };
}

/** @throws ChatAppError `SEND_REFUSED` */
export function readFileLink(file: unknown, fileName: string | undefined): FileLink {
  const url = typeof file === 'string' ? file.trim() : '';
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw ChatAppError.of('SEND_REFUSED', 'badFile');
  return { url, fileName: nameOf(fileName) };
}

/** The last part of an address, as `offer.pdf`; `undefined` where it has none. */
export function nameOfUrl(file: unknown): string | undefined {
  if (typeof file !== 'string' || !URL.canParse(file.trim())) return undefined;
  const last = new URL(file.trim()).pathname.split('/').at(-1) ?? '';
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
  if (name === '' || name === '.' || name === '..') throw ChatAppError.of('SEND_REFUSED', 'noFileName');
  return name.slice(-LONGEST_NAME);
}
