import { SEND_ACTIONS, TEXT_SENDERS, type SendAction } from '../../../../src/api/send-actions';
import { lineWords, show, type LabelSettings, type Names, type Text } from '../account/labels';
import { isEnvironment, type Check } from '../form/validate';

/** The settings beyond "where to" that some of the actions have, in the order of the dialog. */
export const SEND_OPTIONS = [
  'text',
  'template',
  'params',
  'file',
  'fileName',
  'caption',
  'markdown',
  'sender',
  'tracking',
] as const;

export type SendOption = (typeof SEND_OPTIONS)[number];

const OPTIONS_OF: Readonly<Record<SendAction, readonly SendOption[]>> = {
  text: ['text', 'markdown', 'sender', 'tracking'],
  file: ['file', 'fileName', 'caption', 'sender'],
  template: ['template', 'params', 'file', 'fileName', 'sender', 'tracking'],
  read: [],
};

/** The action that a saved or chosen value stands for; undefined for a variable, and for what is none. Nothing means text. */
export function actionOf(value: unknown): SendAction | undefined {
  return isNothing(value) ? 'text' : SEND_ACTIONS.find((action) => action === value);
}

/** Whether a field belongs to an action. Where only a variable knows the action, each may be needed. */
export function hasOption(action: SendAction | undefined, option: SendOption): boolean {
  return action === undefined || OPTIONS_OF[action].includes(option);
}

/** One of the actions, or nothing: text. */
export const sendAction: Check = (value) =>
  isEnvironment(value) || actionOf(value) !== undefined ? undefined : 'choice';

/** Employee, system, or nothing: ChatApp's own way. */
export const sender: Check = (value) =>
  isEnvironment(value) || isNothing(value) || TEXT_SENDERS.some((one) => one === value) ? undefined : 'choice';

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

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
