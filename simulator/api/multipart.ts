/** One field of a form; `fileName` and `type` are those of an upload. */
interface FormPart {
  readonly name: string;
  readonly bytes: Buffer;
  readonly fileName?: string;
  readonly type?: string;
}

const LINE_END = '\r\n';

/** Reads a `multipart/form-data` body; undefined where it is malformed. */
export function readMultipart(contentType: string, body: Buffer): FormPart[] | undefined {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  const parts: FormPart[] = [];
  const edge = `${LINE_END}--${boundary}`;
  // The first boundary may lack the line end before it.
  const form = Buffer.concat([Buffer.from(LINE_END), body]);
  let start = form.indexOf(edge);
  while (start >= 0) {
    const from = start + edge.length;
    if (form.subarray(from, from + 2).toString() === '--') return parts;
    const to = form.indexOf(edge, from);
    const part = to < 0 ? undefined : readPart(form.subarray(from + LINE_END.length, to));
    if (!part) return undefined;
    parts.push(part);
    start = to;
  }
  return undefined;
}

function readPart(part: Buffer): FormPart | undefined {
  const gap = part.indexOf(LINE_END + LINE_END);
  if (gap < 0) return undefined;
  const header = part.subarray(0, gap).toString();
  const name = /^content-disposition:.*[; ]name="([^"]*)"/im.exec(header)?.[1];
  const fileName = /^content-disposition:.*[; ]filename="([^"]*)"/im.exec(header)?.[1];
  const type = /^content-type: *(\S.*)$/im.exec(header)?.[1]?.trim();
  if (name === undefined) return undefined;
  const upload = fileName === undefined ? {} : { fileName, type: type ?? 'application/octet-stream' };
  return { name, bytes: part.subarray(gap + 2 * LINE_END.length), ...upload };
}
