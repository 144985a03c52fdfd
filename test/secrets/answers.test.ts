import { LINE, PASTED, Scene } from './scene';
import { SECRETS } from './witness';

const { accessToken, refreshToken, password } = SECRETS;
/** A page that shows what it was sent, as debug pages do. */
const PAGE = `<html>Authorization: ${accessToken} ${refreshToken} password=${password}</html>`;
const JSON_PAGE = { success: false, error: { code: accessToken, message: PAGE }, message: PAGE };
const BODIES = [
  ['a page', PAGE],
  ['JSON', JSON_PAGE],
] as const;

describe('no secret leaves the connection when an answer shows what was sent:', () => {
  let scene: Scene;
  afterEach(() => scene.end());

  for (const [form, body] of BODIES) {
    for (const status of [200, 403, 500]) {
      for (const part of ['login', 'refresh', 'lines', 'authorisation'] as const) {
        it(`${form} with status ${status} for ${part}`, async () => {
          scene = await Scene.start();
          scene.simulator.faults.answerWith(part, { status, body });
          if (part === 'refresh') scene.simulator.expireAccessToken();
          const pasted = part === 'refresh' ? { ...PASTED, refreshToken } : PASTED;
          scene.connect(part === 'login' ? {} : { credentials: pasted });
          await scene.witness.until(({ codes }) => codes.size > 0);
          await scene.witness.swear();
        });
      }

      for (const part of ['chats', 'messages'] as const) {
        it(`${form} with status ${status} for ${part}, while a gap is filled`, async () => {
          scene = await Scene.start();
          const { simulator, witness } = scene;
          scene.connect({ credentials: PASTED });
          await scene.listening();
          simulator.message({ ...LINE, text: 'before' });
          await witness.until(({ items }) => items === 1);
          simulator.faults.answerWith(part, { status, body });
          simulator.dropAll();
          simulator.message({ ...LINE, text: 'missed' });
          await witness.until(({ codes }) => codes.size > 0);
          await witness.swear();
        });
      }
    }
  }
});
