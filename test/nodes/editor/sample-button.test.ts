import assert from 'node:assert/strict';
import { sendSample } from '../../../nodes/shared/editor/listener/sample';
import { at } from '../../support/flow';

describe('the button of a listener', () => {
  const asked: string[] = [];
  const reported: string[] = [];
  /** What Node-RED answers: the name of an event, or a status. */
  let answer: string | number;

  before(() => {
    const globals = {
      RED: {
        _: (key: string, params?: object) => `${key.replace(/^.*:/, '')} ${JSON.stringify(params ?? {})}`,
        notify: (text: string, how: unknown) => reported.push(`${String(at(how, 'type') ?? how)}: ${text}`),
      },
      $: {
        ajax: ({ url, success, error }: { url: string; success: (a: object) => void; error: (a: object) => void }) => {
          asked.push(url);
          if (typeof answer === 'string') success({ event: answer });
          else error({ status: answer });
        },
      },
    };
    Object.assign(globalThis, globals);
  });
  beforeEach(() => {
    asked.length = 0;
    reported.length = 0;
  });
  after(() => {
    for (const name of ['RED', '$']) Reflect.deleteProperty(globalThis, name);
  });

  it('asks by a relative address, so that it works under any path, and names the event that was sent', () => {
    answer = 'chatTag';
    sendSample({ id: 'a b/c' });
    assert.deepEqual(asked, ['chatapp/sample/a%20b%2Fc']);
    assert.deepEqual(reported, ['success: sample.sent {"event":"chatTag"}']);
  });

  it('says why nothing was sent', () => {
    for (const [status, key] of [
      [404, 'notDeployed'],
      [401, 'forbidden'],
      [403, 'forbidden'],
      [0, 'failed'],
      [500, 'failed'],
    ] as const) {
      answer = status;
      sendSample({ id: 'a' });
      assert.equal(reported.pop(), `error: sample.${key} {}`);
    }
  });

  it('asks for a deploy first where the node was changed', () => {
    sendSample({ id: 'a', changed: true });
    assert.deepEqual([asked, reported], [[], ['warning: sample.notDeployed {}']]);
  });
});
