import { LINE, PASTED, SecretScenario } from './scenario';
import { SECRETS } from './secret-spy';

const { accessToken, refreshToken, password } = SECRETS;
/** A page that shows what it was sent, as debug pages do. */
const PAGE = `<html>Authorization: ${accessToken} ${refreshToken} password=${password}</html>`;
const JSON_PAGE = { success: false, error: { code: accessToken, message: PAGE }, message: PAGE };
const BODIES = [
  ['a page', PAGE],
  ['JSON', JSON_PAGE],
] as const;

describe('no secret leaves the connection when an answer shows what was sent:', () => {
  let scenario: SecretScenario;
  afterEach(() => scenario.end());

  for (const [form, body] of BODIES) {
    for (const status of [200, 403, 500]) {
      for (const part of ['login', 'refresh', 'lines', 'authorisation'] as const) {
        it(`${form} with status ${status} for ${part}`, async () => {
          scenario = await SecretScenario.start();
          scenario.simulator.faults.answerWith(part, { status, body });
          if (part === 'refresh') scenario.simulator.expireAccessToken();
          const pasted = part === 'refresh' ? { ...PASTED, refreshToken } : PASTED;
          scenario.connect(part === 'login' ? {} : { credentials: pasted });
          await scenario.spy.until(({ codes }) => codes.size > 0);
          await scenario.spy.assertNoSecret();
        });
      }

      for (const part of ['chats', 'messages'] as const) {
        it(`${form} with status ${status} for ${part}, while a gap is filled`, async () => {
          scenario = await SecretScenario.start();
          const { simulator, spy } = scenario;
          scenario.connect({ credentials: PASTED });
          await scenario.listening();
          simulator.message({ ...LINE, text: 'before' });
          await spy.until(({ items }) => items === 1);
          simulator.faults.answerWith(part, { status, body });
          simulator.dropAll();
          simulator.message({ ...LINE, text: 'missed' });
          await spy.until(({ codes }) => codes.size > 0);
          await spy.assertNoSecret();
        });
      }
    }
  }
});
