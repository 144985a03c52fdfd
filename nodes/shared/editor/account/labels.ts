import { messengerName } from '../../../../src/api/messenger-names';
import type { AccountList, AccountLists, LineEntry } from '../../account-answers';
import { isEnvironment } from '../form/validate';
import { accounts } from './account';

/** Gives the text for a key, with `__name__` filled from `params`. Passed in, so that labels can be tried without an editor. */
export type Text = (key: string, params?: Readonly<Record<string, string | number>>) => string;

/** What things are called in the account; undefined where that is not known. */
export interface Names {
  line(licenseId: string): string | undefined;
  messenger(licenseId: string, messengerType: string): string | undefined;
  company(companyId: string): string | undefined;
  /** `companyId` is undefined where any company will do. */
  user(userId: string, companyId: string | undefined): string | undefined;
}

/** The saved properties that a listener's label is made of. Hand-made flows may hold anything in them. */
export interface LabelSettings {
  readonly name?: unknown;
  readonly events?: unknown;
  readonly licenseId?: unknown;
  readonly messengerType?: unknown;
  readonly companyId?: unknown;
  readonly userId?: unknown;
}

/** `Support line` or `line 1229`, and `Telegram`; an empty text for what is not chosen. */
export function lineWords(settings: LabelSettings, names: Names, text: Text): [line: string, messenger: string] {
  const line = show(settings.licenseId);
  const type = show(settings.messengerType);
  const lineName = line === '' ? '' : (named(names.line(line)) ?? text('label.line', { id: line }));
  // Without a line, what the type is usually called will do.
  const name = line === '' || type === '' ? undefined : names.messenger(line, type);
  return [lineName, named(messengerName({ type, ...(name !== undefined && { name }) })) ?? type];
}

/** The CSS class of a label: italic for a name that someone gave, as with Node-RED's own nodes. */
export function labelStyle({ name }: LabelSettings): string {
  return show(name) === '' ? '' : 'node_label_italic';
}

/** Longer names are cut, in characters. */
const MAX_NAME_LENGTH = 40;

/** A name on one line, cut where it is long; undefined for none. */
export function named(name: string | undefined): string | undefined {
  const characters = Array.from((name ?? '').replace(/\s+/g, ' ').trim());
  if (characters.length === 0) return undefined;
  const isLong = characters.length > MAX_NAME_LENGTH;
  return isLong
    ? `${characters
        .slice(0, MAX_NAME_LENGTH - 1)
        .join('')
        .trimEnd()}…`
    : characters.join('');
}

/** A setting as it is shown: without blanks around it, and nothing where it is no text. */
export function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/**
 * What things are called in the account behind a connection, as far as that is known by now. What is looked up and not
 * known yet is asked for in silence; the nodes of this `type` are drawn again when it is there.
 */
export function namesIn(connection: unknown, type: string): Names {
  redrawLater(type);
  const list = <List extends AccountList>(name: List, company?: string): AccountLists[List] | undefined => {
    if (typeof connection !== 'string') return undefined;
    return accounts().known({ connection, list: name, ...(company !== undefined && { company }) });
  };
  const line = (id: string): LineEntry | undefined =>
    isEnvironment(id) ? undefined : list('lines')?.find(({ licenseId }) => licenseId === id);
  return {
    line: (id) => line(id)?.name,
    messenger: (id, wanted) => line(id)?.messengers.find((own) => own.type === wanted)?.name,
    company(id) {
      return isEnvironment(id) ? undefined : list('companies')?.find(({ companyId }) => companyId === id)?.name;
    },
    user(id, company) {
      if (isEnvironment(id)) return undefined;
      return list('employees', isEnvironment(company) ? undefined : company)?.find(({ userId }) => userId === id)?.name;
    },
  };
}

const drawn = new Set<string>();

/** Once for each node type. */
function redrawLater(type: string): void {
  if (drawn.has(type)) return;
  drawn.add(type);
  accounts().watch(() => {
    for (const node of RED.nodes.filterNodes({ type })) node.dirty = true;
    RED.view.redraw();
  });
}

/** The name of a node type in the palette. It is asked for once the node type's own catalogue is there. */
export function paletteLabel(type: string): (this: RegisteredType) => string {
  return function () {
    return this._(`${type}.paletteLabel`);
  };
}
