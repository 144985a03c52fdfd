import { isRecord, parseJson } from '../json';
import type { Call } from './answer';
import type { Uploads } from './uploads';

/**
 * The fields of a send, be it JSON or a form. An uploaded file is kept, and its field becomes the link to it,
 * with its `contentType` beside it. Undefined where the body is neither.
 */
export async function readSendBody(call: Call, uploads: Uploads): Promise<Record<string, unknown> | undefined> {
  const contentType = call.headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data')) {
    const body = parseJson(call.body.toString());
    return isRecord(body) ? body : undefined;
  }
  const response = new Response(new Uint8Array(call.body), { headers: { 'content-type': contentType } });
  const form = await response.formData().catch(() => undefined);
  if (!form) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else {
      fields.contentType = value.type;
      fields[name] = uploads.keep(Buffer.from(await value.arrayBuffer()), value.type);
    }
  }
  return fields;
}
