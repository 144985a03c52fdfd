import { lineWords, show, type LabelSettings, type Names, type Text } from './label';
import { actionOf } from './send-actions';

/** The saved properties that a send node's label is made of. Hand-made flows may hold anything in them. */
export interface SendLabelSettings extends LabelSettings {
  readonly action?: unknown;
}

/** The name, or `send text`, `mark as read`, `send file · Support line · Telegram`; lines out of the `msg` are not named. */
export function sendLabel(settings: SendLabelSettings, names: Names, text: Text): string {
  const action = actionOf(settings.action) ?? 'any';
  const what = text(`chatapp-send.does.${action}`);
  return show(settings.name) || [what, ...lineWords(settings, names, text)].filter(Boolean).join(' · ');
}
