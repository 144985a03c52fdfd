import type { DoneSettings } from '../shared/editor/actions/done-dialog';
import { MIGRATION } from './migration';

const { properties, ...done } = chatappEditor.done(MIGRATION);

RED.nodes.registerType<DoneSettings>('chatapp-done', {
  category: 'ChatApp',
  color: '#4FB0A5',
  icon: 'done.svg',
  defaults: {
    name: { value: '' },
    outcome: { value: 'auto' },
    accept: properties.accept,
    failed: { value: false },
    version: { value: 1 },
  },
  inputs: 1,
  outputs: 0,
  paletteLabel: done.paletteLabel,
  label: done.label,
  labelStyle: done.labelStyle,
  oneditprepare: done.oneditprepare,
  oneditsave: done.oneditsave,
});
