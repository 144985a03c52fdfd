import type { ChatAppServer } from '../server/chatapp';
import type { Line } from '../server/history';
import type { Expected } from './delivered';
import type { ListenerSpec } from './flow';
import { ScenarioRun } from './scenario';

/**
 * Gives the tests of a `describe` one Node-RED, and each of them a ChatApp server of its own.
 * @param begin takes them into the variables of the tests, before each test
 */
export function useScenario(begin: (run: ScenarioRun, chatapp: ChatAppServer) => void): void {
  let run: ScenarioRun;
  before(async () => {
    run = await ScenarioRun.start();
  });
  beforeEach(async () => begin(run, await run.begin()));
  after(() => run.close());
}

/** `chat-0`, `chat-1` … */
export function chats(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `chat-${index}`);
}

/**
 * The listener has got a message; then `missed` are written in an outage. Resolves with all of them, and with what ends the
 * outage.
 */
export async function miss(
  run: ScenarioRun,
  listener: ListenerSpec,
  line: Line,
  missed: number,
  inChats: readonly string[] = ['chat'],
): Promise<[Expected[], () => void]> {
  await run.listen([listener]);
  const sent = run.say(line, 1, ['first']);
  await run.pass(2);
  const end = await run.outage();
  await run.pass(5);
  sent.push(...run.say(line, missed, inChats));
  await run.pass(40);
  return [sent, end];
}
