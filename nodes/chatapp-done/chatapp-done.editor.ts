import { prepareDone, type DoneSettings } from '../shared/editor/done-dialog';
import { doneLabel, labelStyle } from '../shared/editor/label';
import { text } from '../shared/editor/text';
import { statuses } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { migrate } from '../shared/migration';
import { MIGRATION } from './migration';

RED.nodes.registerType<DoneSettings>('chatapp-done', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'done.svg',
  defaults: {
    name: { value: '' },
    outcome: { value: 'auto' },
    accept: { value: '200-299', validate: validator('chatapp-done.label.accept', statuses) },
    failed: { value: false },
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 0,
  paletteLabel() {
    return this._('chatapp-done.paletteLabel');
  },
  label() {
    return doneLabel(migrate(this, MIGRATION), text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  oneditprepare() {
    prepareDone(migrate(this, MIGRATION));
  },
  oneditsave() {
    Object.assign(this, migrate(this, MIGRATION), { failed: false });
  },
});
