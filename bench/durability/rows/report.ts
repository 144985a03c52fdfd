import type { Delivery } from '../../../test/scenarios/harness/delivered';

/** Says what went wrong, as an aid to find out why. */
export function report(
  name: string,
  lost: readonly string[],
  doubled: readonly Delivery[],
  all: readonly Delivery[],
): void {
  if (lost.length > 0) console.log(`${name}: lost ${lost.slice(0, 30).join(', ')}`);
  for (const { text } of doubled.slice(0, 10)) {
    const each = all.flatMap((delivery, index) => (delivery.text === text ? [`${index}${marksOf(delivery)}`] : []));
    console.log(`${name}: ${text} is delivery ${each.join(' and ')}`);
  }
}

function marksOf({ recovered, attempt = 1 }: Delivery): string {
  return `${recovered ? ' (recovered)' : ''} (attempt ${attempt})`;
}
