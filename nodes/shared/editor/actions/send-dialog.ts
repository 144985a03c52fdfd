import { withoutInvisible } from '../../../../src/pasted-text';
import { FIELD_TYPES } from '../../field-values';
import { migrate, type Migration } from '../../migration';
import { labelStyle, namesIn, paletteLabel } from '../account/labels';
import { chooseOnlyConnection, claimForm, cleanOnChange, fillForm, nodeField, settingOf } from '../form/fields';
import { typedInput, ValueRows } from '../form/typed-fields';
import {
  chatIdOrNone,
  connectionProperty,
  fileAddress,
  idOrAll,
  messengerTypeOrAll,
  perMinute,
  validator,
} from '../form/validate';
import { element, setValue, showRow, valueOf } from '../page/dom';
import { text } from '../page/text';
import { prepareChatField, prepareLineFields, prepareTemplateField } from '../pickers/account-fields';
import { actionOf, hasOption, SEND_OPTIONS, sendAction, sender, sendLabel, type SendOption } from './send-actions';

/** The saved properties of a send node. Hand-made flows may hold anything in those of type `unknown`. */
export interface SendSettings {
  name: string;
  connection: string;
  action: unknown;
  licenseId: unknown;
  messengerType: unknown;
  chatId: unknown;
  text: unknown;
  textType: unknown;
  file: unknown;
  fileType: unknown;
  fileName: unknown;
  fileNameType: unknown;
  caption: unknown;
  captionType: unknown;
  template: unknown;
  params: unknown;
  markdown: unknown;
  sender: unknown;
  tracking: unknown;
  perMinute: unknown;
  version: unknown;
}

type Handler = 'paletteLabel' | 'label' | 'labelStyle' | 'oneditprepare' | 'oneditsave';

/** The definition of the send node, without what tools read from its page. */
export function sendType(migration: Migration): SendType {
  return {
    properties: {
      connection: connectionProperty(),
      action: { value: 'text', validate: validator('chatapp-send.label.action', sendAction) },
      licenseId: { value: '', validate: validator('listener.label.licenseId', idOrAll) },
      messengerType: { value: '', validate: validator('listener.label.messengerType', messengerTypeOrAll) },
      chatId: { value: '', validate: validator('listener.label.chatId', chatIdOrNone) },
      file: { value: '', validate: fileField },
      sender: { value: '', validate: validator('chatapp-send.label.sender', sender) },
      perMinute: { value: 10, validate: validator('chatapp-send.label.perMinute', perMinute) },
    },
    paletteLabel: paletteLabel('chatapp-send'),
    label() {
      return sendLabel(this, namesIn(this.connection, 'chatapp-send'), text);
    },
    labelStyle() {
      return labelStyle(this);
    },
    oneditprepare() {
      prepareSend(this, migration);
    },
    oneditsave() {
      Object.assign(this, migrate(this, migration), { params: params?.read() ?? [] });
    },
  };
}

interface SendType extends Required<Pick<NodeDefinition<SendSettings, object>, Handler>> {
  readonly properties: Readonly<
    Record<
      'connection' | 'action' | 'licenseId' | 'messengerType' | 'chatId' | 'file' | 'sender' | 'perMinute',
      SavedProperty
    >
  >;
}

/** The rows of the dialog that is open. */
let params: ValueRows | undefined;

/** Fills the dialog, and makes it follow the action: what that does not have is hidden, and keeps what it holds. */
function prepareSend(node: SendSettings & { readonly id: string }, migration: Migration): void {
  claimForm('node-input', node.id);
  chooseOnlyConnection();
  const properties = migrate(node, migration);
  fillForm('node-input', properties);
  // What older nodes had hidden there means nothing.
  if (properties.sender === '') clearSelect('sender');
  cleanOnChange(['licenseId', 'perMinute'].map(nodeField));
  cleanOnChange(['messengerType', 'chatId', 'template'].map(nodeField), withoutInvisible);
  cleanOnChange([nodeField('tracking')], (tracking) => tracking.trim());
  prepareText();
  for (const name of ['file', 'fileName', 'caption'] as const)
    typedInput(nodeField(name), text(`chatapp-send.label.${name}`), FIELD_TYPES, `${nodeField(name)}Type`);
  const rows = makeRows();
  params = rows;
  rows.show(properties.params);
  const fromMsg = text('listener.placeholder.fromMsg');
  prepareLineFields({ line: fromMsg, messenger: fromMsg });
  prepareChatField();
  prepareTemplateField((count) => {
    if (count > 0) rows.resize(count);
  });
  element(nodeField('action')).addEventListener('change', showAction);
  showAction();
}

/** A text is typed into a field of several lines, all else into that of Node-RED. */
function prepareText(): void {
  const type = nodeField('textType');
  const field = element(nodeField('text'));
  const label = text('chatapp-send.label.text');
  const plain = {
    value: 'str',
    label: text('chatapp-send.plainText'),
    icon: 'red/images/typedInput/az.svg',
    hasValue: false,
  } as const;
  let typed = valueOf(type) === 'str' ? (valueOf(nodeField('text')) ?? '') : '';
  if (valueOf(type) !== 'str') setValue('chatapp-text-source', valueOf(nodeField('text')) ?? '');
  typedInput('chatapp-text-source', label, [plain, ...FIELD_TYPES.slice(1)], type);
  const show = (): void => {
    const isPlain = valueOf(type) === 'str';
    if (!isPlain && !field.hidden) typed = valueOf(nodeField('text')) ?? '';
    if (isPlain && field.hidden) setValue(nodeField('text'), typed);
    if (!isPlain) setValue(nodeField('text'), valueOf('chatapp-text-source') ?? '');
    field.hidden = !isPlain;
  };
  field.hidden = valueOf(type) !== 'str';
  show();
  $(element('chatapp-text-source')).on('change', show);
}

function makeRows(): ValueRows {
  return new ValueRows({
    box: element('chatapp-params'),
    types: FIELD_TYPES,
    hasNames: false,
    words: {
      add: text('chatapp-send.rows.add'),
      remove: text('chatapp-send.rows.remove'),
      value: (number) => text('chatapp-send.rows.value', { number }),
    },
  });
}

/** The editor's validator of a file: as a text, it has to be an address. Two parameters, or no message would be shown. */
function fileField(this: unknown, value: unknown, _options: unknown): true | string {
  const type = settingOf('node-input', this, 'fileType') ?? 'str';
  const problem = type === 'str' || type === '' ? fileAddress(value) : undefined;
  return problem === undefined || text(`invalid.${problem}`, { field: text('chatapp-send.label.file') });
}

function showAction(): void {
  const action = actionOf(valueOf(nodeField('action')));
  for (const option of SEND_OPTIONS) showRow(rowOf(option), hasOption(action, option));
  showRow(nodeField('perMinute'), action !== 'read');
  element('chatapp-send-tip').textContent = action === undefined ? '' : text(`chatapp-send.tip.${action}`);
  showRow('chatapp-send-tip', action !== undefined);
}

function clearSelect(name: string): void {
  const field = element(nodeField(name));
  if (field instanceof HTMLSelectElement) field.value = '';
}

function rowOf(option: SendOption): string {
  return option === 'params' ? 'chatapp-params' : nodeField(option);
}
