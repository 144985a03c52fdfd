/** Invented people who write to the lines of the simulator. */
export const CUSTOMERS = [
  { name: 'Anna Beispiel', phone: '77000000001', username: 'anna_beispiel' },
  { name: 'Тимур Пример', phone: '77000000002', username: 'timur_primer' },
  { name: 'Júlia Exemplo 🌷', phone: '77000000003', username: 'julia_exemplo' },
] as const;

type Customer = (typeof CUSTOMERS)[number];

/** The id of a customer's chat, which looks different in each messenger. */
export function chatIdOf({ phone }: { readonly phone: string }, messengerType: string): string {
  if (messengerType === 'grWhatsApp') return `${phone}@c.us`;
  if (messengerType === 'telegram') return `private-${phone}h48151623420000`;
  return phone;
}

/** The customer whose chat has this id. */
export function customerOf(chatId: string, messengerType: string): Customer | undefined {
  return CUSTOMERS.find((customer) => chatIdOf(customer, messengerType) === chatId);
}
