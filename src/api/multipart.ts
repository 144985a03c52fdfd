/** A file that is sent along. */
export interface Upload {
  readonly bytes: Buffer;
  readonly fileName: string;
}

/** A body of the type `multipart/form-data`: the file as field `file`, then the others. */
export async function multipart(
  { bytes, fileName }: Upload,
  fields: Readonly<Record<string, string>>,
): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)]), fileName);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  // Node's own words for it: it chooses the boundary and escapes the names.
  const made = new Response(form);
  return { type: made.headers.get('content-type') ?? '', bytes: Buffer.from(await made.arrayBuffer()) };
}
