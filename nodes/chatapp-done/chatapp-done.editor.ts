import { prepareDone, type DoneSettings } from '../shared/editor/done-dialog';
import { doneLabel, labelStyle } from '../shared/editor/label';
import { text } from '../shared/editor/text';
import { migrate } from '../shared/migration';
import { MIGRATION } from './migration';

RED.nodes.registerType<DoneSettings>('chatapp-done', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'done.svg',
  defaults: {
    name: { value: '' },
    failed: { value: false },
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 0,
  paletteLabel() {
    return this._('chatapp-done.paletteLabel');
  },
  label() {
    return doneLabel(this, text);
  },
  labelStyle() {
    return labelStyle(this);
  },
  oneditprepare() {
    prepareDone(this, MIGRATION);
  },
  oneditsave() {
    Object.assign(this, migrate(this, MIGRATION));
  },
});
