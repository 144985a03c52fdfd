import { HTTP_METHODS, isApiPath, placesIn, presetOf, type MethodPreset } from '../../../../src/api/methods';
import { withoutInvisible } from '../../../../src/pasted-text';
import { BODY_TYPES, FIELD_TYPES } from '../../field-values';
import { migrate, type Migration } from '../../migration';
import {
  labelStyle,
  lineWords,
  namesIn,
  paletteLabel,
  show,
  type LabelSettings,
  type Names,
  type Text,
} from '../account/labels';
import { chooseOnlyConnection, claimForm, cleanOnChange, fillForm, nodeField, settingOf } from '../form/fields';
import { JSON_OR_NOTHING, rowsIn, typedInput, ValueRows, type ValueRow } from '../form/typed-fields';
import {
  chatIdOrNone,
  connectionProperty,
  idOrAll,
  isEnvironment,
  messengerTypeOrAll,
  validator,
  type Check,
} from '../form/validate';
import { element, make, showRow, valueOf } from '../page/dom';
import { text } from '../page/text';
import { prepareChatField, prepareLineFields } from '../pickers/account-fields';

/** The saved properties of an API node. Hand-made flows may hold anything in those of type `unknown`. */
export interface ApiSettings {
  name: string;
  connection: string;
  preset: unknown;
  method: unknown;
  path: unknown;
  licenseId: unknown;
  messengerType: unknown;
  chatId: unknown;
  query: unknown;
  body: unknown;
  bodyType: unknown;
  pages: unknown;
  format: unknown;
  version: unknown;
}

type Handler = 'paletteLabel' | 'label' | 'labelStyle' | 'oneditprepare' | 'oneditsave';

/** The definition of the API node, without what tools read from its page. */
export function apiType(migration: Migration): ApiType {
  return {
    properties: {
      connection: connectionProperty(),
      preset: { value: 'messages', validate: validator('chatapp-api.label.preset', apiPreset) },
      method: { value: 'GET', validate: validator('chatapp-api.label.method', apiMethod) },
      path: { value: '', validate: pathField },
      licenseId: { value: '', validate: validator('listener.label.licenseId', idOrAll) },
      messengerType: { value: '', validate: validator('listener.label.messengerType', messengerTypeOrAll) },
      chatId: { value: '', validate: validator('listener.label.chatId', chatIdOrNone) },
      pages: { value: 'off', validate: validator('chatapp-api.label.pages', apiPages) },
      format: { value: 'raw', validate: validator('chatapp-api.label.format', apiFormat) },
    },
    paletteLabel: paletteLabel('chatapp-api'),
    label() {
      return apiLabel(this, namesIn(this.connection, 'chatapp-api'), text);
    },
    labelStyle() {
      return labelStyle(this);
    },
    oneditprepare() {
      prepareApi(this, migration);
    },
    oneditsave() {
      Object.assign(this, migrate(this, migration), { query: shownQuery() });
    },
  };
}

interface ApiType extends Required<Pick<NodeDefinition<ApiSettings, object>, Handler>> {
  readonly properties: Readonly<
    Record<
      'connection' | 'preset' | 'method' | 'path' | 'licenseId' | 'messengerType' | 'chatId' | 'pages' | 'format',
      SavedProperty
    >
  >;
}

/** One of the methods that are offered, or `path`: any other by its path. */
const apiPreset = oneOf((name) => name === 'path' || presetOf(name) !== undefined);
const apiMethod = oneOf((name) => HTTP_METHODS.some((method) => method === name));
const apiPages = oneOf((name) => ['off', 'all', 'each'].includes(name));
const apiFormat = oneOf((name) => ['raw', 'conversation'].includes(name));

/** Accepts nothing as well: the default. */
function oneOf(isKnown: (name: string) => boolean): Check {
  return (value) =>
    value === undefined || value === '' || isEnvironment(value) || (typeof value === 'string' && isKnown(value))
      ? undefined
      : 'choice';
}

/** The rows of the dialog that is open. */
let rows: ValueRows | undefined;

/** Fills the dialog, and makes it follow the method: what that does not have is hidden, and keeps what it holds. */
function prepareApi(node: ApiSettings & { readonly id: string }, migration: Migration): void {
  claimForm('node-input', node.id);
  chooseOnlyConnection();
  const properties = migrate(node, migration);
  fillForm('node-input', properties);
  cleanOnChange([nodeField('licenseId'), nodeField('path')]);
  cleanOnChange(['messengerType', 'chatId'].map(nodeField), withoutInvisible);
  typedInput(
    nodeField('body'),
    text('chatapp-api.label.body'),
    [JSON_OR_NOTHING, ...BODY_TYPES.slice(1)],
    nodeField('bodyType'),
  );
  const list = makeRows();
  rows = list;
  list.show(withFields(properties.query));
  const fromMsg = text('listener.placeholder.fromMsg');
  prepareLineFields({ line: fromMsg, messenger: fromMsg });
  prepareChatField();
  element(nodeField('preset')).addEventListener('change', () => {
    list.show(withFields(list.read()));
    showMethod();
  });
  for (const name of ['method', 'path']) element(nodeField(name)).addEventListener('change', showMethod);
  showMethod();
}

/** The values as they stand in the open dialog. */
function shownQuery(): ValueRow[] {
  return (rows?.read() ?? []).filter(({ name = '', value }) => name !== '' || value !== '');
}

/** The editor's validator of the path, which only counts without a preset. Two parameters, or no message would be shown. */
function pathField(this: unknown, value: unknown, _options: unknown): true | string {
  const preset = settingOf('node-input', this, 'preset');
  if (preset !== 'path' || isEnvironment(value)) return true;
  const isGood = typeof value === 'string' && isApiPath(value);
  return isGood || text('invalid.apiPath', { field: text('chatapp-api.label.path') });
}

/** The name, or `messages · Support line · Telegram`, `GET /v1/me`. */
function apiLabel(settings: LabelSettings & Partial<ApiSettings>, names: Names, words: Text): string {
  const { preset, method, path } = settings;
  const known = presetOf(preset);
  const presetName = show(preset);
  const what = known ? words(`chatapp-api.does.${presetName}`) : `${show(method)} ${show(path)}`.trim();
  const where = placesIn(known?.path ?? show(path)).includes('licenseId') ? lineWords(settings, names, words) : [];
  return show(settings.name) || [what, ...where].filter(Boolean).join(' · ');
}

function makeRows(): ValueRows {
  return new ValueRows({
    box: element('chatapp-query'),
    types: FIELD_TYPES,
    hasNames: true,
    words: {
      add: text('chatapp-api.rows.add'),
      remove: text('chatapp-api.rows.remove'),
      value: (number) => text('chatapp-api.rows.value', { number }),
      name: text('chatapp-api.rows.name'),
      fixed: (name) =>
        chosen()?.fields.some((field) => field.name === name) ? text(`chatapp-api.field.${name}`) : undefined,
    },
  });
}

/** The saved rows, with one for each field of the preset in front. An empty one of another preset goes. */
function withFields(saved: unknown): ValueRow[] {
  const given = rowsIn(saved);
  const fields = chosen()?.fields ?? [];
  const own = fields.map(({ name }) => given.find((row) => row.name === name) ?? { name, value: '', type: 'str' });
  const others = given.filter(({ name, value }) => value !== '' && !fields.some((field) => field.name === name));
  return [...own, ...others];
}

function showMethod(): void {
  const preset = chosen();
  const isPath = valueOf(nodeField('preset')) === 'path';
  const method = preset?.method ?? valueOf(nodeField('method'));
  const path = preset?.path ?? valueOf(nodeField('path')) ?? '';
  const places = placesIn(path);
  // Where only a variable knows the method, each may be needed.
  const isUnknown = !preset && !isPath;
  for (const name of ['method', 'path']) showRow(nodeField(name), !preset);
  for (const name of ['licenseId', 'messengerType', 'chatId'])
    showRow(nodeField(name), isUnknown || places.includes(name));
  showRow(nodeField('body'), isUnknown || (isPath && method !== 'GET'));
  showRow(nodeField('pages'), !preset ? method === 'GET' || isUnknown : preset.list !== undefined);
  showRow(nodeField('format'), !preset || preset.list === 'messages');
  // A long path may wrap behind each slash.
  const parts = preset ? `${preset.method} ${preset.path}`.split(/(?<=\/)/) : [];
  element('chatapp-api-tip').replaceChildren(...parts.flatMap((part) => [part, make('wbr', '')]));
  showRow('chatapp-api-tip', preset !== undefined);
}

function chosen(): MethodPreset | undefined {
  return presetOf(valueOf(nodeField('preset')));
}
