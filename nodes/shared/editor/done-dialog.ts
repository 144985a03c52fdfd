import { migrate, type Migration } from '../migration';
import { element, fillForm, isTicked, showRow, valueOf } from './fields';
import { text } from './text';
import { isEnvironment } from './validate';

/** The saved properties of a done node. Hand-made flows may hold anything in that of type `unknown`. */
export interface DoneSettings {
  name: string;
  failed: unknown;
  version: unknown;
}

/** Fills the dialog, and makes it say what the node does. */
export function prepareDone(node: DoneSettings, migration: Migration): void {
  fillForm('node-input', migrate(node, migration));
  element(FAILED).addEventListener('change', showTip);
  showTip();
}

const FAILED = 'node-input-failed';

function showTip(): void {
  element('chatapp-done-tip').textContent = text(
    isTicked(FAILED) ? 'chatapp-done.tip.failed' : 'chatapp-done.tip.done',
  );
  showRow('chatapp-done-tip', !isEnvironment(valueOf(FAILED)));
}
