import { cleanOnChange, element, fillForm, showRow, valueOf } from './fields';
import { text } from './text';

/** The saved properties of a done node. Hand-made flows may hold anything in those of type `unknown`. */
export interface DoneSettings {
  name: string;
  outcome: unknown;
  accept: unknown;
  failed: unknown;
  version: unknown;
}

/** Fills the dialog with a node's properties, and makes it say what the node does. */
export function prepareDone(properties: Readonly<Record<string, unknown>>): void {
  fillForm('node-input', properties);
  cleanOnChange([ACCEPT]);
  element(OUTCOME).addEventListener('change', showTip);
  showTip();
}

const OUTCOME = 'node-input-outcome';
const ACCEPT = 'node-input-accept';

function showTip(): void {
  const outcome = valueOf(OUTCOME) ?? '';
  const isKnown = ['auto', 'done', 'failed', 'giveUp'].includes(outcome);
  element('chatapp-done-tip').textContent = isKnown ? text(`chatapp-done.tip.${outcome}`) : '';
  showRow('chatapp-done-tip', isKnown);
  showRow(ACCEPT, outcome === 'auto' || !isKnown);
}
