/** What one attempt to deliver an event is settled by. Both engines use it: the token travels as `msg._msgid`. */
export interface DeliveryToken {
  readonly subscriber: string;
  /** Identifies the event among those of the subscriber. */
  readonly number: number;
  /** From 1. */
  readonly attempt: number;
}

/** A text that is the same for no other attempt. */
export function deliveryTokenOf(subscriber: string, number: number, attempt: number): string {
  return `${subscriber}.${number}.${attempt}`;
}

/** `undefined` if the text is no delivery token. */
export function parseDeliveryToken(text: string): DeliveryToken | undefined {
  const [, subscriber, number, attempt] = /^(.+)\.(\d{1,16})\.(\d{1,16})$/s.exec(text) ?? [];
  if (subscriber === undefined) return undefined;
  return { subscriber, number: Number(number), attempt: Number(attempt) };
}
