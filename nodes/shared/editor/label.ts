/** Gives the text for a key, with `__name__` filled from `params`. Passed in, so that labels can be tried without an editor. */
export type Text = (key: string, params?: Readonly<Record<string, string>>) => string;

/** The saved properties that a listener's label is made of. Hand-made flows may hold numbers in them. */
export interface LabelSettings {
  readonly name?: unknown;
  readonly licenseId?: unknown;
  readonly messengerType?: unknown;
  readonly companyId?: unknown;
  readonly userId?: unknown;
}

/** The name, or `line 1229 grWhatsApp`, `all lines`, `all lines telegram`. */
export function messengerLabel({ name, licenseId, messengerType }: LabelSettings, text: Text): string {
  const line = isSet(licenseId) ? text('label.line', { id: show(licenseId) }) : text('label.allLines');
  return show(name) || [line, show(messengerType)].filter(isSet).join(' ');
}

/** The name, or `company 2224`. */
export function companyLabel({ name, companyId }: LabelSettings, text: Text): string {
  return show(name) || (isSet(companyId) ? text('label.company', { id: show(companyId) }) : text('label.anyCompany'));
}

/** The name, or `user 685`. */
export function userLabel({ name, userId }: LabelSettings, text: Text): string {
  return show(name) || (isSet(userId) ? text('label.user', { id: show(userId) }) : text('label.anyUser'));
}

/** The name, or `user 685 in company 2224`. */
export function employeeLabel({ name, companyId, userId }: LabelSettings, text: Text): string {
  if (!isSet(companyId) || !isSet(userId)) return show(name) || text('label.anyEmployee');
  return show(name) || text('label.employee', { userId: show(userId), companyId: show(companyId) });
}

/** The CSS class of a label: italic for a name that someone gave, as with Node-RED's own nodes. */
export function labelStyle({ name }: LabelSettings): string {
  return isSet(name) ? 'node_label_italic' : '';
}

function isSet(value: unknown): boolean {
  return show(value) !== '';
}

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
