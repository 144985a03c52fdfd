import type { Account } from '../account';

/** A channel of the account, and what an event on it is about. */
export interface ChannelChoice {
  readonly channel: string;
  readonly label: string;
  readonly type: 'messenger' | 'company' | 'user' | 'employee';
  readonly about: Address;
}

type Address =
  | { readonly type: 'messenger'; readonly licenseId: string; readonly messengerType: string }
  | { readonly type: 'company'; readonly companyId: string }
  | { readonly type: 'user'; readonly userId: string };

/** Every channel that the account may read. */
export function channelChoices(account: Account): ChannelChoice[] {
  const lines = account.licenses.flatMap(({ licenseId, licenseName, messenger }) =>
    messenger.map(({ type, name }): ChannelChoice => {
      return {
        channel: `private-v1.licenses.${licenseId}.messengers.${type}`,
        label: `${licenseName ?? licenseId}: ${name}`,
        type: 'messenger',
        about: { type: 'messenger', licenseId: String(licenseId), messengerType: type },
      };
    }),
  );
  const [firstLine] = lines;
  const companies = account.companies.flatMap(({ companyId, name, employees }): ChannelChoice[] => {
    const channel = `private-v1.companies.${companyId}`;
    const about = { type: 'company', companyId: String(companyId) } as const;
    const staff = employees.map(({ id, fullName }): ChannelChoice => {
      // An employee's channel carries what happens in the lines.
      return {
        channel: `${channel}.users.${id}`,
        label: `${name}: ${fullName}`,
        type: 'employee',
        about: firstLine?.about ?? about,
      };
    });
    return [{ channel, label: name, type: 'company', about }, ...staff];
  });
  const userId = String(account.cabinetUserId);
  const user = { channel: `private-v1.users.${userId}`, label: `User ${userId}`, type: 'user' } as const;
  return [...lines, ...companies, { ...user, about: { type: 'user', userId } }];
}
