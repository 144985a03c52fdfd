/** What goes on in one chat: a customer asks, the shop answers. */
export interface Conversation {
  readonly licenseId: string;
  readonly messengerType: string;
  /** Which of the simulator's customers it is. */
  readonly customer: 0 | 1 | 2;
  readonly question: string;
  readonly answer: string;
}

export const CONVERSATIONS: readonly [Conversation, ...Conversation[]] = [
  {
    licenseId: '50101',
    messengerType: 'grWhatsApp',
    customer: 0,
    question: 'Hallo! Sind die weißen Tulpen noch da?',
    answer: 'Ja, dreißig Stück. Sollen wir Ihnen welche zurücklegen?',
  },
  {
    licenseId: '50101',
    messengerType: 'telegram',
    customer: 1,
    question: 'Здравствуйте! Привезёте букет завтра к девяти утра?',
    answer: 'Да, курьер будет в 8:45 🚚',
  },
  {
    licenseId: '50102',
    messengerType: 'instagram',
    customer: 2,
    question: 'Oi! Quanto custa o arranjo da foto? 🌷',
    answer: 'Oi, Júlia! Sai por 25 euros, com entrega.',
  },
  {
    licenseId: '50102',
    messengerType: 'caWhatsApp',
    customer: 1,
    question: 'Сәлеметсіз бе! Бүгін кешке дейін ашықсыз ба?',
    answer: 'Иә, сағат 20:00-ге дейін күтеміз.',
  },
  {
    licenseId: '50101',
    messengerType: 'grWhatsApp',
    customer: 2,
    question: 'And can I pay by card?',
    answer: 'You can, at the counter and at the door.',
  },
];
