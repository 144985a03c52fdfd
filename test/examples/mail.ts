import type { ExampleSettings } from '../support/example-harness';
import { SmtpStub } from '../support/smtp-stub';

/** The recipient of the examples' mails. */
export const TEAM = ['team@example.com', 'night@example.com'];
/** What a customer may write. */
export const BOLD = 'Two for <b>5 & "6"</b>?\n<script>alert(1)</script>';

/** The settings of an example that mails the team through this mail server. */
export function mailTo({ port }: SmtpStub, more: ExampleSettings['variables'] = {}): ExampleSettings {
  const variables = {
    MAIL_TO: TEAM.join(', '),
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: port,
    ...more,
  };
  return { variables, credentials: { 'e-mail': SmtpStub.LOGIN } };
}
