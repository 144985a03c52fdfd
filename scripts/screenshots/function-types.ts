import { mkdir } from 'node:fs/promises';
import { linkPackage, startNodeRed } from '../demo/node-red';
import { untilDialogIsReady } from '../editor-dialog';
import { openEditor, take, type Harness } from './harness';

const SIZE = { width: 1120, height: 720 };
const CODE = ['/** @type {ChatApp.MessageItem} */', 'const item = msg.payload;', '', 'item.chat.'];
const PLACE = { lineNumber: CODE.length, column: (CODE.at(-1)?.length ?? 0) + 1 };

/** The picture of a function node whose editor knows what a chat is. */
export async function takeFunctionTypes(harness: Harness, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await linkPackage(folder);
  const nodeRed = await startNodeRed({ folder, port: 0 });
  try {
    const page = await harness.open(SIZE);
    await openEditor(page, nodeRed.url, "RED.nodes.getType('chatapp-messenger')");
    const node = {
      id: '9f3a6c21d8e04b57',
      type: 'function',
      name: 'who wrote?',
      func: CODE.join('\n'),
      outputs: 1,
      x: 200,
      y: 100,
    };
    await page.evaluate(`RED.nodes.import([{ ...${JSON.stringify(node)}, z: RED.workspaces.active(), wires: [[]] }])`);
    await page.evaluate(`RED.editor.edit(RED.nodes.node('${node.id}'))`);
    await untilDialogIsReady(page, '#node-dialog-ok');
    const editor = page.locator('#node-input-func-editor');
    await editor.locator('.monaco-editor:visible').first().waitFor();
    // What was fetched a moment ago may not be known yet: the list is asked for again until it is.
    await page.waitForFunction(
      `(() => {
      const editor = monaco.editor.getEditors().find((one) => one.getValue().includes('ChatApp'));
      editor.focus();
      editor.setPosition(${JSON.stringify(PLACE)});
      const shown = [...document.querySelectorAll('.suggest-widget.visible .monaco-list-row')];
      if (shown.some((row) => /customFields/.test(row.textContent))) return true;
      editor.trigger('picture', 'editor.action.triggerSuggest', {});
      return false;
    })()`,
      undefined,
      { polling: 1_000 },
    );
    await take(
      page,
      'function-types',
      page.locator('#node-input-name'),
      editor,
      page.locator('.suggest-widget.visible'),
    );
    await page.close();
  } finally {
    await nodeRed.stop();
  }
}
