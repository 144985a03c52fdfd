/** The four kinds of channel that ChatApp offers, widest use first. */
export const CHANNEL_TYPES = ['messenger', 'company', 'user', 'employee'] as const;

export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** One messenger of one line. */
export interface MessengerAddress {
  readonly type: 'messenger';
  readonly licenseId: string;
  readonly messengerType: string;
}

/** Everything that concerns a company as a whole. */
export interface CompanyAddress {
  readonly type: 'company';
  readonly companyId: string;
}

/** What belongs to one user, whatever the company. */
export interface UserAddress {
  readonly type: 'user';
  readonly userId: string;
}

/** A user as an employee of a company: the chats that the employee's role lets them see. */
export interface EmployeeAddress {
  readonly type: 'employee';
  readonly companyId: string;
  readonly userId: string;
}

export type ChannelAddress = MessengerAddress | CompanyAddress | UserAddress | EmployeeAddress;

const PREFIX = 'private-v1';

/**
 * The Pusher channel of an address, such as `private-v1.companies.2224`.
 *
 * @throws RangeError where an id or a messenger type is malformed. Check with `isId` and `isMessengerType` first.
 */
export function channelName(address: ChannelAddress): string {
  switch (address.type) {
    case 'messenger':
      return `${PREFIX}.licenses.${id('licenseId', address.licenseId)}.messengers.${messenger(address.messengerType)}`;
    case 'company':
      return `${PREFIX}.companies.${id('companyId', address.companyId)}`;
    case 'user':
      return `${PREFIX}.users.${id('userId', address.userId)}`;
    case 'employee':
      return `${PREFIX}.companies.${id('companyId', address.companyId)}.users.${id('userId', address.userId)}`;
  }
}

/** The address that a channel's name stands for; undefined for any name that `channelName` would not make. */
export function parseChannelName(name: string): ChannelAddress | undefined {
  // One part more than the longest name has: enough to tell that there are too many, however long the text is.
  const parts = name.split('.', 6);
  const [prefix, scope, owner, innerScope, inner] = parts;
  if (prefix !== PREFIX || owner === undefined || !isId(owner)) return undefined;

  if (parts.length === 3) {
    if (scope === 'companies') return { type: 'company', companyId: owner };
    if (scope === 'users') return { type: 'user', userId: owner };
    return undefined;
  }

  if (parts.length !== 5 || inner === undefined) return undefined;
  if (scope === 'licenses' && innerScope === 'messengers' && isMessengerType(inner)) {
    return { type: 'messenger', licenseId: owner, messengerType: inner };
  }
  if (scope === 'companies' && innerScope === 'users' && isId(inner)) {
    return { type: 'employee', companyId: owner, userId: inner };
  }
  return undefined;
}

/** Whether a text is an id of a line, company or user: 1 to 20 ASCII digits and nothing else. */
export function isId(text: string): boolean {
  return /^[0-9]{1,20}$/.test(text);
}

/** Whether a text can be a messenger type: 1 to 64 ASCII letters and digits. ChatApp gives no closed list. */
export function isMessengerType(text: string): boolean {
  return /^[A-Za-z0-9]{1,64}$/.test(text);
}

function id(field: string, text: string): string {
  if (!isId(text)) throw new RangeError(`${field} must be 1 to 20 digits`);
  return text;
}

function messenger(text: string): string {
  if (!isMessengerType(text)) throw new RangeError('messengerType must be 1 to 64 letters and digits');
  return text;
}
