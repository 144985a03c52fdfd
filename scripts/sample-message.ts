import type { NodeMessage } from 'node-red';
import { format } from 'prettier';
import { messageOf } from '../nodes/shared/message';
import { sampleNaming, sampleSender } from '../nodes/shared/sample';
import type { EventName } from '../src/events';
import type { ChannelChoice } from '../src/inbox/listener';

/** What the pages' listeners listen to. */
const CHANNELS = {
  messenger: { type: 'messenger', licenseId: '50718', messengerType: 'grWhatsApp' },
  company: { type: 'company', companyId: '3306' },
  user: { type: 'user', userId: '9041' },
  employee: { type: 'employee', companyId: '3306', userId: '9041' },
} as const satisfies Record<string, ChannelChoice>;

/** When the samples of the pages arrived, in ms since the epoch. */
const ARRIVAL = Date.UTC(2026, 0, 15, 9, 30);

/** The `msg` that the sample button of a listener sends for an event, as a Markdown block of JSON. */
export async function sampleMessage(listener: keyof typeof CHANNELS, event: EventName): Promise<string> {
  const sent: NodeMessage[] = [];
  sampleSender({ channel: CHANNELS[listener], events: [event] }, (delivery) => {
    sent.push(messageOf({ ...delivery, receivedAt: ARRIVAL }, sampleNaming(delivery)));
  })();
  const json = await format(JSON.stringify(sent[0]), { parser: 'json', printWidth: 120 });
  return `\`\`\`json\n${json}\`\`\`\n`;
}
