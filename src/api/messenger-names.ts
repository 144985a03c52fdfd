import type { MessengerEntry } from './entry';

/** The types of messenger that ChatApp is known to have, with names that people know them by. */
export const MESSENGER_NAMES: Readonly<Record<string, string>> = {
  grWhatsApp: 'WhatsApp Web',
  caWhatsApp: 'WhatsApp Cloud API',
  WhatsApp: 'WhatsApp',
  telegram: 'Telegram',
  telegramBot: 'Telegram bot',
  vkontakte: 'VK',
  instagram: 'Instagram',
  avito: 'Avito',
  email: 'E-mail',
};

/** What ChatApp calls a messenger, else what its type is called, else the type. */
export function messengerName({ type, name }: Pick<MessengerEntry, 'type' | 'name'>): string {
  return name ?? NAMES.get(type) ?? type;
}

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(MESSENGER_NAMES));
