/** What a try is settled by: the same for no other try. `item` is the item's number, `number` that of the try, from 1. */
export function ticketOf(
  listener: string,
  { item, number }: { readonly item: number; readonly number: number },
): string {
  return `${listener}.${item}.${number}`;
}

/** The id of the listener whose ticket this is; `undefined` where it is none. */
export function listenerOf(ticket: string): string | undefined {
  return /^(.+)\.\d+\.\d+$/s.exec(ticket)?.[1];
}
