import type { ExampleSettings, ExampleStage } from '../support/example-stage';
import type { FarAnswer } from '../support/http-far-end';
import { runSending, type SendingRun } from './sending-run';

/** Where Slack takes what comes by the webhook of these tests. */
export const PATH = '/services/T000/B000/secret';
/** What Slack answers where it took a message. */
export const OK: FarAnswer = { body: 'ok' };

/** As much of Slack as the example needs. */
export class SlackWebhook {
  answer(): FarAnswer {
    return OK;
  }
}

/** Runs the example for the Slack at `url`. `limited` keeps to as many requests a second as Slack wants. */
export function runNotify(
  stage: ExampleStage,
  url: string,
  variables: ExampleSettings['variables'],
  limited = false,
): Promise<SendingRun> {
  const example = { name: 'slack/notify', queue: 'one after the other', limited };
  return runSending(stage, example, { SLACK_WEBHOOK_URL: `${url}${PATH}`, ...variables });
}
