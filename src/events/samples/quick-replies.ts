import type { QuickResponseItem, QuickResponseList, QuickResponseListItem, QuickResponseSaved } from '../items';

const DELIVERY_LIST: QuickResponseList = {
  id: 2207,
  name: 'Доставка / Entrega',
  sort: 10,
  access: [
    { userId: '9041', email: 'dana@flowers.example', permission: 'w' },
    { userId: '9057', email: 'bia@flowers.example', permission: 'r' },
  ],
};

const list = { id: DELIVERY_LIST.id };

/** A list is made, edited and deleted. */
export const QUICK_RESPONSE_LIST: readonly [QuickResponseListItem, ...QuickResponseListItem[]] = [
  { type: 'create', quickResponseList: DELIVERY_LIST },
  { type: 'edit', quickResponseList: { ...DELIVERY_LIST, name: 'Доставка 🚚' } },
  { type: 'destroy', quickResponseList: list },
];

const ON_THE_WAY: QuickResponseSaved = {
  type: 'create',
  quickResponseList: list,
  quickResponse: {
    id: 4410,
    name: 'Курьер в пути',
    sort: 10,
    parent: null,
    text: 'Seu pedido saiu para entrega 🚚 O entregador liga 10 minutos antes.',
    keywords: 'courier entrega доставка',
    enableAI: true,
  },
};

/** A response is made and edited, then two are deleted at once: the two last items come in one envelope. */
export const QUICK_RESPONSE: readonly [QuickResponseItem, ...QuickResponseItem[]] = [
  ON_THE_WAY,
  { ...ON_THE_WAY, type: 'edit', quickResponse: { ...ON_THE_WAY.quickResponse, enableAI: false } },
  { type: 'destroy', quickResponseList: list, quickResponse: { id: 4410 } },
  { type: 'destroy', quickResponseList: list, quickResponse: { id: 4411 } },
];
