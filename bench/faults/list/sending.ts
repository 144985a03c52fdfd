import type { Simulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import type { SentText } from '../clients/settings';
import type { Fault, Scenario } from '../fault';

const TEXTS = Array.from({ length: 40 }, (_, number) => `Answer ${number}`);

/** An API that fails while texts are on their way: none is doubled, and of none something untrue is said. */
export const SENDING: readonly Fault[] = [
  sending('API down for 3 s in mid-send', async ({ simulator, wait }) => {
    await simulator.faults.down('api');
    await wait(3_000);
    await simulator.faults.up();
  }),
  sending('API takes texts in mid-send and hangs up, 2 s', async ({ simulator, wait }) => {
    simulator.faults.answerWith('send', 'accept and hang up');
    await wait(2_000);
    simulator.faults.answerWith('send', undefined);
  }),
  sending('API 429, Retry-After 2, in mid-send, 3 s', async ({ simulator, wait }) => {
    simulator.faults.answerWith('send', { status: 429, body: { success: false }, headers: { 'retry-after': '2' } });
    await wait(3_000);
    simulator.faults.answerWith('send', undefined);
  }),
];

/** Texts go to one chat, each taking a while, so that the fault meets them on the way. */
export function sending(name: string, inject: (scenario: Scenario) => Promise<void>): Fault {
  let wrong: string | undefined;
  return {
    name,
    isOursOnly: true,
    async happen(scenario) {
      const { simulator, wait } = scenario;
      const { licenseId, messenger } = simulator.account.licenses[0] ?? {};
      const chat = { licenseId: String(licenseId), messengerType: messenger?.[0]?.type ?? '', chatId: '77000000009' };
      simulator.faults.answerWith('send', { delayMs: 50 });
      const reported = scenario.send({ ...chat, texts: TEXTS });
      await wait(500);
      await inject(scenario);
      const sentTexts = await reported;
      wrong = wrongIn(sentTexts, await textsIn(simulator, chat));
      const count = (outcome: SentText['outcome']): number =>
        sentTexts.filter((sentText) => sentText.outcome === outcome).length;
      return `${count('taken')} sent, ${count('uncertain')} uncertain, ${count('refused')} refused`;
    },
    check: () => wrong,
  };
}

/** What is wrong with what was said of the texts, as the chat shows it; undefined where nothing is. */
function wrongIn(sentTexts: readonly SentText[], arrived: readonly string[]): string | undefined {
  const problems = sentTexts.flatMap(({ text, outcome }) => {
    const copies = arrived.filter((one) => one === text).length;
    const isRight = outcome === 'taken' ? copies === 1 : outcome === 'refused' ? copies === 0 : copies <= 1;
    return isRight ? [] : [`${text} is ${outcome}, and ${copies} times there`];
  });
  const order = arrived.map((text) => TEXTS.indexOf(text));
  if (order.some((number, index) => number < (order[index - 1] ?? -1))) problems.push('texts are out of order');
  if (sentTexts.length !== TEXTS.length) problems.push(`${sentTexts.length} of ${TEXTS.length} texts have an outcome`);
  if (!sentTexts.some(({ outcome }) => outcome === 'taken')) problems.push('nothing was sent at all');
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** The texts of a chat in the history of the simulator, oldest first. */
async function textsIn(
  { url, account }: Simulator,
  { licenseId, messengerType, chatId }: { licenseId: string; messengerType: string; chatId: string },
): Promise<string[]> {
  const path = `/v1/licenses/${licenseId}/messengers/${messengerType}/chats/${chatId}/messages`;
  const response = await fetch(`${url}${path}?limit=100&direction=next`, {
    headers: { Authorization: account.accessToken },
  });
  const body: unknown = await response.json();
  const data = isRecord(body) && isRecord(body.data) ? body.data : {};
  const items: readonly unknown[] = Array.isArray(data.items) ? data.items : [];
  return items.flatMap((item) => {
    const text = isRecord(item) && isRecord(item.message) ? item.message.text : undefined;
    return typeof text === 'string' && TEXTS.includes(text) ? [text] : [];
  });
}
