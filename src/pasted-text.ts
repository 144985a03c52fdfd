/**
 * What pasted text needs before it is used. Copying from a web page, a chat or a document brings along characters that
 * nobody sees. Used by the editor too.
 */

/** Format characters such as U+200B and U+202A, and others that are drawn as nothing. */
export const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Blanks and control characters. The braille blank looks like one, but Unicode counts it as a symbol. */
const BLANKS = /[\s\p{Cc}\u2800]+/gu;

/** A phone as people write it: any kind of blank and dash, dots and brackets stand between the digits. */
const PHONE = /^\+?\(?\d[\d\s\u2800().\p{Pd}\u2212\u2043]*$/u;

/** The text without invisible characters, and without blanks around it. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '').trim();
}

/** An id or a token: without invisible characters, blanks and control characters, wherever they stand. */
export function compact(text: string): string {
  return text.replace(INVISIBLE, '').replace(BLANKS, '');
}

/** Whether a text can be sent as an HTTP header, as tokens are: printable ASCII without blanks. */
export function isHeaderText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** The digits of a phone number, as of `+7 (700) 111-22-33`; undefined for any other text. */
export function phoneIn(text: string): string | undefined {
  // The form for Asian full-width digits and signs too.
  const plain = withoutInvisible(text).normalize('NFKC');
  const digits = PHONE.test(plain) ? plain.replace(/\D/g, '') : '';
  return digits.length >= 7 && digits.length <= 15 ? digits : undefined;
}

/**
 * Whether a text can be the id of a chat: at most 256 characters without blanks and invisible ones. Dots as a part of a path
 * would lead to another place of the API, and half a surrogate pair cannot be sent.
 */
export function isChatId(text: string): boolean {
  return text.length <= 256 && /^[^\s\p{Cc}\p{Cs}]+$/u.test(text) && !hasDotsAsPart(text);
}

/** Servers behind a proxy may decode a path once more. */
function hasDotsAsPart(text: string): boolean {
  const plain = text.replace(/%(?:25)*2e/gi, '.').replace(/%(?:25)*(?:2f|5c)/gi, '/');
  return plain.split(/[/\\]/).some((part) => part === '.' || part === '..');
}
