import { isRecord } from '../json';

/** `link` is a URL. */
type SentFile = Readonly<Record<'link' | 'name', string>> & { readonly contentType?: string };
type Fields = Readonly<Record<string, unknown>>;

/** What a message holds; a text says what is wrong with the request. */
export type Content = { readonly type: string; readonly message: Fields } | string;

/** In characters, as WhatsApp and Telegram have it. */
const TEXT_LIMIT = 4096;

export function textContent({ text, parseMode }: Fields): Content {
  if (typeof text !== 'string' || text === '') return 'The text field is required.';
  if (Array.from(text).length > TEXT_LIMIT) return `The text may not be longer than ${TEXT_LIMIT} characters.`;
  if (parseMode !== undefined && parseMode !== 'markdown') return 'The parseMode must be markdown.';
  return { type: 'text', message: { text } };
}

export function fileContent(body: Fields): Content {
  const file = fileOf(body);
  if (typeof file === 'string') return file;
  const caption = body.caption ?? '';
  if (typeof caption !== 'string') return 'The caption must be a string.';
  return { type: typeOf(file.name), message: { caption, file } };
}

export function templateContent(body: Fields): Content {
  const { template } = body;
  if (!isRecord(template) || typeof template.id !== 'string') return 'The template.id field is required.';
  const params = template.params ?? [];
  if (!Array.isArray(params)) return 'The template.params must be an array.';
  const file = body.file === undefined ? null : fileOf(body);
  if (typeof file === 'string') return file;
  return { type: 'template', message: { template: { id: template.id, params }, file } };
}

function fileOf({ file, fileName, contentType }: Fields): SentFile | string {
  if (typeof file !== 'string' || !URL.canParse(file)) return 'The file must be a URL or an upload.';
  if (typeof fileName !== 'string' || fileName === '') return 'The fileName field is required.';
  const sent: SentFile = { link: file, name: fileName, ...(typeof contentType === 'string' ? { contentType } : {}) };
  return sent;
}

function typeOf(fileName: string): string {
  if (/\.(png|jpe?g|gif|webp)$/i.test(fileName)) return 'image';
  if (/\.(mp4|mov|webm)$/i.test(fileName)) return 'video';
  return /\.(mp3|ogg|m4a|wav)$/i.test(fileName) ? 'audio' : 'file';
}
