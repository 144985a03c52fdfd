import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import { describeEditor } from '../support/editor-harness';

const CODE = [
  '/** @type {ChatApp.MessageItem} */',
  'const item = msg.payload;',
  'item.chat;',
  'item.chta;',
  'msg.chatapp.event;',
  'const event = /** @type {ChatApp.FlowMessage} */ (msg);',
  "if (event.topic === 'chatTag') event.payload.tag;",
  'return msg;',
].join('\n');

const NODE = { type: 'function', z: 'tab', x: 200, y: 100, func: CODE, outputs: 1, libs: [], wires: [[]] };

/** What the page's service for scripts says; it knows new declarations a moment after they came. */
const SERVICE = `async () => {
  const model = monaco.editor.getModels().find((one) => one.getValue().includes('ChatApp'));
  if (!model) return;
  const worker = await (await (monaco.typescript ?? monaco.languages.typescript).getJavaScriptWorker())(model.uri);
  const name = model.uri.toString();
  const complete = async (words) => {
    const found = await worker.getCompletionsAtPosition(name, model.getValue().indexOf(words) + words.length);
    return found?.entries.map((entry) => entry.name) ?? [];
  };
  const problems = await worker.getSemanticDiagnostics(name);
  return {
    // Node-RED does not show 1108, a "return" outside of a function.
    problems: problems.filter(({ code }) => code !== 1108).map(({ start, length }) => model.getValue().slice(start, start + length)),
    item: await complete('item.'),
    chatapp: await complete('msg.chatapp.'),
    tag: await complete('event.payload.'),
  };
}`;

const IS_KNOWN = `(${SERVICE})().then((answer) => answer?.item.includes('side'), () => false)`;

const MONACO = { root: '/admin', settings: { editorTheme: { tours: false, codeEditor: { lib: 'monaco' } } } };

describeEditor('the code editor of a function node, in a browser,', MONACO, (harness) => {
  const asked: string[] = [];

  before(async () => {
    harness().page.on('request', (request) => {
      if (request.url().includes('flow-types')) asked.push(request.url());
    });
    const nodes = ['first', 'second'].map((id) => ({ id, ...NODE }));
    await harness().deploy([{ id: 'tab', type: 'tab', label: 'Flow' }, ...nodes]);
  });
  afterEach(() => harness().closeDialogs());

  it('knows what a listener sends, after a comment that says so', async () => {
    assert.deepEqual(asked, [], 'nothing is fetched before it is needed');
    await harness().edit('first');
    await harness().page.waitForFunction(IS_KNOWN, undefined, { timeout: 45_000 });
    const said = await harness().ask(`(${SERVICE})()`);
    assert.ok(isRecord(said));
    assert.deepEqual(said.problems, ['chta'], 'only the field that is not there is marked');
    for (const name of ['chat', 'message', 'side', 'time']) assert.ok(includes(said.item, name), name);
    for (const name of ['licenseId', 'recovered']) assert.ok(includes(said.chatapp, name), name);
    assert.ok(includes(said.tag, 'tag') && !includes(said.tag, 'side'));
  });

  it('asks for the types once, however many dialogs are opened', async () => {
    await harness().edit('second');
    await harness().page.waitForFunction(IS_KNOWN, undefined, { timeout: 45_000 });
    assert.equal(asked.length, 1, asked.join('\n'));
  });
});

function includes(names: unknown, name: string): boolean {
  return Array.isArray(names) && names.includes(name);
}
