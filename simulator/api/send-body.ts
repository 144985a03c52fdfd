import { isRecord, parseJson } from '../json';
import type { Call } from './answer';
import { readMultipart } from './multipart';
import type { Uploads } from './uploads';

/**
 * The fields of a send, be it JSON or a form. An uploaded file is kept, and its field becomes the link to it,
 * with its `contentType` beside it. Undefined where the body is neither.
 */
export function readSendBody(call: Call, uploads: Uploads): Record<string, unknown> | undefined {
  const contentType = call.headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data')) {
    const body = parseJson(call.body.toString());
    return isRecord(body) ? body : undefined;
  }
  const parts = readMultipart(contentType, call.body);
  if (!parts) return undefined;
  const fields: Record<string, unknown> = {};
  for (const { name, bytes, type } of parts) {
    if (type !== undefined) fields.contentType = type;
    fields[name] = type === undefined ? bytes.toString() : uploads.keep(bytes, type);
  }
  return fields;
}
