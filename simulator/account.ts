/** A line (licence) as `GET /v1/licenses` prints it. */
interface Line {
  licenseId: number;
  /** Paid until, in s since the epoch. */
  licenseTo: number;
  licenseName: string | null;
  meOwner: boolean;
  active: boolean;
  status: { id: number; code: string };
  messenger: Messenger[];
  app: string[];
  access: string[];
}

interface Messenger {
  type: string;
  name: string;
  info?: { phone: string | null };
}

export interface Company {
  companyId: number;
  name: string;
  employees: Employee[];
}

interface Employee {
  id: number;
  email: string;
  fullName: string;
  role: { name: string };
}

/** Only `id` and `elementName` are known of ChatApp's; the rest is made up. */
export interface Template {
  readonly id: string;
  readonly elementName: string;
  readonly data?: string;
}

/** What a new line is made from. A messenger may be named by its type alone. */
export interface NewLine {
  readonly licenseId?: number;
  readonly licenseName?: string | null;
  readonly messengers: readonly (string | Messenger)[];
}

export interface AccountSettings {
  readonly email?: string;
  readonly password?: string;
  readonly appId?: string;
  readonly cabinetUserId?: number;
  /** A valid token from the start. Default: a new one. */
  readonly accessToken?: string;
  /** A valid token from the start. Default: a new one. */
  readonly refreshToken?: string;
  readonly licenses?: readonly NewLine[];
  readonly companies?: readonly Company[];
  /** The templates that are listed and may be sent, or their ids. Default: two are listed, and any may be sent. */
  readonly templates?: readonly (string | Template)[];
}

/** The one account that the simulator knows. Its lines and companies may be changed while it runs. */
export class Account {
  readonly email: string;
  readonly password: string;
  readonly appId: string;
  readonly cabinetUserId: number;
  /** Valid from the start. It stays the same here when clients make or refresh tokens of their own. */
  accessToken = '';
  /** Valid from the start, for one refresh. */
  refreshToken = '';
  readonly licenses: Line[] = [];
  readonly companies: Company[];
  /** Undefined: any template may be sent. */
  templates: readonly (string | Template)[] | undefined;

  constructor(settings: AccountSettings) {
    this.cabinetUserId = settings.cabinetUserId ?? 7001;
    this.email = settings.email ?? 'olga@example.com';
    this.password = settings.password ?? 'a simulator password';
    this.appId = settings.appId ?? `app_${this.cabinetUserId}_1`;
    this.companies = structuredClone([...(settings.companies ?? defaultCompanies(this.cabinetUserId, this.email))]);
    this.templates = settings.templates;
    for (const line of settings.licenses ?? DEFAULT_LINES) this.addLine(line);
  }

  addLine(line: NewLine): Line {
    const nextId = Math.max(50100, ...this.licenses.map(({ licenseId }) => licenseId)) + 1;
    const added: Line = {
      licenseId: line.licenseId ?? nextId,
      licenseTo: 4102444800,
      licenseName: line.licenseName ?? null,
      meOwner: true,
      active: true,
      status: { id: 4, code: 'paid' },
      messenger: line.messengers.map((one) => (typeof one === 'string' ? messengerOf(one) : structuredClone(one))),
      app: [],
      access: [],
    };
    this.licenses.push(added);
    return added;
  }

  /** Returns whether there was such a line. */
  removeLine(licenseId: number): boolean {
    const at = this.licenses.findIndex((line) => line.licenseId === licenseId);
    if (at >= 0) this.licenses.splice(at, 1);
    return at >= 0;
  }

  company(companyId: string): Company | undefined {
    return this.companies.find((company) => String(company.companyId) === companyId);
  }

  hasMessenger(licenseId: string, messengerType: string): boolean {
    const line = this.licenses.find((one) => String(one.licenseId) === licenseId);
    return line?.messenger.some(({ type }) => type === messengerType) === true;
  }

  get listedTemplates(): readonly Template[] {
    const listed = this.templates ?? DEFAULT_TEMPLATES;
    return listed.map((one) => (typeof one === 'string' ? { id: one, elementName: one } : one));
  }

  maySendTemplate(id: string): boolean {
    return this.templates === undefined || this.listedTemplates.some((one) => one.id === id);
  }

  /** Whether this account may subscribe to a channel. */
  mayRead(channelName: string): boolean {
    const messenger = /^private-v1\.licenses\.(\d+)\.messengers\.(\w+)$/.exec(channelName);
    if (messenger) return this.hasMessenger(messenger[1] ?? '', messenger[2] ?? '');
    const user = /^private-v1\.users\.(\d+)$/.exec(channelName);
    if (user) return user[1] === String(this.cabinetUserId);
    const [, companyId, userId] = /^private-v1\.companies\.(\d+)(?:\.users\.(\d+))?$/.exec(channelName) ?? [];
    const company = companyId === undefined ? undefined : this.company(companyId);
    if (userId === undefined) return company !== undefined;
    return company?.employees.some((employee) => String(employee.id) === userId) === true;
  }
}

const DEFAULT_TEMPLATES: readonly Template[] = [
  { id: '1c2f', elementName: 'order_ready', data: 'Hello {{1}}, your order {{2}} is ready.' },
  { id: '9b7d', elementName: 'welcome', data: 'Welcome! How can we help?' },
];

const MESSENGER_NAMES: Readonly<Record<string, string>> = {
  grWhatsApp: '[WEB] WhatsApp',
  caWhatsApp: 'WhatsApp Cloud API',
  telegram: 'Telegram',
  telegramBot: 'Telegram Bot',
  instagram: 'Instagram',
};

const DEFAULT_LINES: readonly NewLine[] = [
  {
    licenseId: 50101,
    licenseName: 'Flower shop',
    messengers: [messengerOf('grWhatsApp', '77000000101'), messengerOf('telegram', '77000000102')],
  },
  {
    licenseId: 50102,
    licenseName: 'Мастерская «Ёлка»',
    messengers: [messengerOf('caWhatsApp', '77000000103'), 'telegramBot', 'instagram'],
  },
];

/** The phone is made up. */
function messengerOf(type: string, phone: string | null = null): Messenger {
  return { type, name: MESSENGER_NAMES[type] ?? type, info: { phone } };
}

function defaultCompanies(userId: number, email: string): Company[] {
  return [
    {
      companyId: 3001,
      name: 'Flowers & Co',
      employees: [
        { id: userId, email, fullName: 'Olga Petrova', role: { name: 'Owner' } },
        { id: 7002, email: 'joao@example.com', fullName: 'João Lima', role: { name: 'Operator' } },
      ],
    },
  ];
}
