import assert from 'node:assert/strict';
import { install, type Clock } from '@sinonjs/fake-timers';
import { Accounts, accounts } from '../../../nodes/shared/editor/account/account';
import { namesIn } from '../../../nodes/shared/editor/account/labels';
import { parseJson } from '../../../src/events/json';
import { asEditor, translate } from './editor-words';

interface Asked {
  readonly url: string;
  readonly type: string;
  readonly data?: string;
  readonly success: (answer: unknown, words?: string, answered?: typeof ANSWERED) => void;
  readonly error: (failed: { status: number; responseJSON?: unknown }) => void;
}

/** What jQuery says of the request that was answered. */
const ANSWERED = { getResponseHeader: (): null => null };
const LINES = [{ licenseId: '1229', name: 'Support line', messengers: [] }];
const QUESTION = { connection: 'c1', list: 'lines' } as const;

describe('what the editor knows of an account', () => {
  let asked: Asked[];
  let handlers: Map<string, (node: object) => void>;
  let nodes: Map<string, object>;
  let redrawn: number;
  let leave: () => void;
  let clock: Clock;

  beforeEach(() => {
    asked = [];
    handlers = new Map();
    nodes = new Map([['c1', connection({})]]);
    redrawn = 0;
    clock = install({ toFake: ['setTimeout', 'clearTimeout'] });
    leave = asEditor({
      RED: {
        _: translate,
        nodes: { node: (id: string) => nodes.get(id) ?? null, filterNodes: () => [] },
        events: { on: (event: string, act: (node: object) => void) => handlers.set(event, act) },
        view: { redraw: () => (redrawn += 1) },
      },
      $: {
        ajax: ({ success, ...request }: Asked) =>
          asked.push({ ...request, success: (answer) => success(answer, 'success', ANSWERED) }),
      },
    });
  });
  afterEach(() => {
    clock.uninstall();
    leave();
  });

  it('asks for a connection that is deployed as it stands, by a relative address', async () => {
    const answer = new Accounts().read(QUESTION);
    last(asked).success(LINES);
    assert.deepEqual(await answer, { entries: LINES });
    assert.deepEqual(asked.map(addressOf), ['GET chatapp/account/c1/lines']);
  });

  it('asks for the employees of one company', () => {
    void new Accounts().read({ connection: 'c1', list: 'employees', company: '3001' });
    assert.deepEqual(asked.map(addressOf), ['GET chatapp/account/c1/employees?company=3001']);
  });

  it('sends a draft of a connection that was changed, without secrets that the editor does not have', async () => {
    nodes.set(
      'c1',
      connection({ changed: true, credentials: { email: 'a@b.c', password: '__PWRD__', has_password: true } }),
    );
    const answer = new Accounts().read(QUESTION);
    assert.deepEqual(asked.map(addressOf), ['POST chatapp/account/lines']);
    assert.deepEqual(parseJson(last(asked).data ?? ''), {
      id: 'c1',
      settings: { name: 'Shop', auth: 'account' },
      credentials: { email: 'a@b.c' },
    });
    last(asked).success(LINES);
    assert.deepEqual(await answer, { entries: LINES });
  });

  it('sends a draft where Node-RED does not have the connection', async () => {
    const answer = new Accounts().read(QUESTION);
    last(asked).error({ status: 404 });
    await settled();
    assert.deepEqual(asked.map(addressOf), ['GET chatapp/account/c1/lines', 'POST chatapp/account/lines']);
    last(asked).success(LINES);
    assert.deepEqual(await answer, { entries: LINES });
  });

  it('asks nobody where no connection is chosen', async () => {
    nodes.set('other', { ...connection({}), type: 'tls-config' });
    for (const none of ['', '_ADD_', '${CONNECTION}', 'other']) {
      assert.deepEqual(await new Accounts().read({ ...QUESTION, connection: none }), {
        problem: 'Choose a connection first',
        isUnchosen: true,
      });
    }
    assert.deepEqual(asked, []);
  });

  it('asks once, and again on request', async () => {
    const held = new Accounts();
    const both = [held.read(QUESTION), held.read(QUESTION)];
    last(asked).success(LINES);
    await Promise.all(both);
    await held.read(QUESTION);
    assert.equal(asked.length, 1);
    void held.read(QUESTION, true);
    assert.equal(asked.length, 2);
  });

  it('asks again when the connection has changed, also if only a password did', async () => {
    const held = new Accounts();
    const read = async (): Promise<void> => {
      const answer = held.read(QUESTION);
      last(asked).success(LINES);
      await answer;
    };
    await read();
    nodes.set('c1', connection({ auth: 'token' }));
    await read();
    assert.equal(asked.length, 2, 'another setting');
    handlers.get('editor:save')?.(connection({}));
    await read();
    assert.equal(asked.length, 3, 'its dialog was closed with Done');
    handlers.get('editor:save')?.({ id: 'c1', type: 'chatapp-messenger' });
    await read();
    assert.equal(asked.length, 3, 'the dialog of something else');
  });

  it('asks again after a failure', async () => {
    const held = new Accounts();
    const first = held.read(QUESTION);
    last(asked).error({ status: 0 });
    assert.deepEqual(await first, { problem: 'Node-RED did not answer. Is it running?' });
    void held.read(QUESTION);
    assert.equal(asked.length, 2);
  });

  it('leaves out of an answer what makes no entry', async () => {
    const answer = new Accounts().read(QUESTION);
    const odd = [
      { licenseId: 7 },
      null,
      { name: 'x' },
      { licenseId: '7', name: 5, messengers: [{ type: '' }, { type: 'a', phone: 1 }] },
    ];
    last(asked).success(odd);
    assert.deepEqual(await answer, { entries: [{ licenseId: '7', messengers: [{ type: 'a' }] }] });
    const none = new Accounts().read(QUESTION);
    last(asked).success({ lines: 'none' });
    assert.deepEqual(await none, { entries: [] });
  });

  it('for the names in labels it asks once, in silence, and has the nodes drawn when they are there', async () => {
    const name = (): string | undefined => namesIn('c1', 'chatapp-messenger').line('1229');
    assert.deepEqual([name(), name()], [undefined, undefined]);
    assert.deepEqual(asked.map(addressOf), ['GET chatapp/account/c1/lines']);
    last(asked).success(LINES);
    await settled();
    assert.ok(redrawn > 0);
    assert.equal(name(), 'Support line');
    const answer = await accounts().read(QUESTION);
    assert.deepEqual([answer, asked.length], [{ entries: LINES }, 1], 'the dialog need not ask again');
  });

  it('labels stay as they are where the account cannot be read, and nobody is asked over and over', async () => {
    const held = new Accounts();
    assert.equal(held.known(QUESTION), undefined);
    last(asked).error({ status: 403 });
    await settled();
    assert.equal(held.known(QUESTION), undefined);
    assert.equal(asked.length, 1);
  });

  it('labels know nothing of variables, and never have a draft sent', () => {
    nodes.set('c2', connection({}));
    const names = namesIn('c2', 'chatapp-messenger');
    assert.deepEqual(
      [names.line('${LINE}'), names.company('${C}'), names.user('${U}', undefined)],
      [undefined, undefined, undefined],
    );
    nodes.set('c2', connection({ changed: true }));
    assert.equal(names.line('1229'), undefined);
    assert.equal(namesIn(undefined, 'chatapp-messenger').line('1229'), undefined);
    assert.deepEqual(asked, []);
  });

  it('labels look a second time right after a deploy, when Node-RED may not have the connection yet', async () => {
    const held = new Accounts();
    held.known(QUESTION);
    last(asked).error({ status: 404 });
    await settled();
    assert.equal(asked.length, 1);
    await clock.tickAsync(2_000);
    assert.equal(asked.length, 2);
    last(asked).error({ status: 404 });
    await settled();
    held.known(QUESTION);
    assert.equal(asked.length, 2);
    handlers.get('deploy')?.({});
    held.known(QUESTION);
    assert.equal(asked.length, 3);
  });

  it('keeps the names from before while it asks again', async () => {
    const held = new Accounts();
    const first = held.read(QUESTION);
    last(asked).success(LINES);
    await first;
    nodes.set('c1', connection({ changed: true }));
    const second = held.read(QUESTION);
    last(asked).error({ status: 500 });
    await second;
    assert.deepEqual(held.known(QUESTION), LINES);
  });
});

function connection(more: object): object {
  const node = { id: 'c1', type: 'chatapp-connection', name: 'Shop', auth: 'account', users: [], wires: [] };
  return { ...node, _def: { defaults: { name: {}, auth: {} } }, ...more };
}

function addressOf({ type, url }: Asked): string {
  return `${type} ${url}`;
}

function last(asked: readonly Asked[]): Asked {
  const found = asked.at(-1);
  assert.ok(found, 'somebody was asked');
  return found;
}

/** Lets all promises that can resolve do so. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
