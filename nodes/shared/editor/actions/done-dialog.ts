import { migrate, type Migration } from '../../migration';
import { LabelSettings, labelStyle, paletteLabel, show, Text } from '../account/labels';
import { cleanOnChange, fillForm } from '../form/fields';
import { statuses, validator } from '../form/validate';
import { element, showRow, valueOf } from '../page/dom';
import { text } from '../page/text';

/** The saved properties of a done node. Hand-made flows may hold anything in those of type `unknown`. */
export interface DoneSettings {
  name: string;
  outcome: unknown;
  accept: unknown;
  failed: unknown;
  version: unknown;
}

type Handler = 'paletteLabel' | 'label' | 'labelStyle' | 'oneditprepare' | 'oneditsave';

/** The definition of the done node, without what tools read from its page. */
export function doneType(migration: Migration): DoneType {
  return {
    properties: { accept: { value: '200-299', validate: validator('chatapp-done.label.accept', statuses) } },
    paletteLabel: paletteLabel('chatapp-done'),
    label() {
      return doneLabel(migrate(this, migration), text);
    },
    labelStyle() {
      return labelStyle(this);
    },
    oneditprepare() {
      prepareDone(migrate(this, migration));
    },
    oneditsave() {
      Object.assign(this, migrate(this, migration), { failed: false });
    },
  };
}

interface DoneType extends Required<Pick<NodeDefinition<DoneSettings, object>, Handler>> {
  readonly properties: { readonly accept: SavedProperty };
}

/** Fills the dialog with a node's properties, and makes it say what the node does. */
function prepareDone(properties: Readonly<Record<string, unknown>>): void {
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

/** The name, or `done`, `failed`, `give up`. */
export function doneLabel({ name, outcome }: LabelSettings & { readonly outcome?: unknown }, text: Text): string {
  const does = outcome === 'failed' || outcome === 'giveUp' ? outcome : 'done';
  return show(name) || text(`chatapp-done.does.${does}`);
}
