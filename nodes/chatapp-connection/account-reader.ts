import type { NodeAPI } from 'node-red';
import { openAccount, type CheckStep, type OpenAccount, type Sessions } from '../../src';
import type { Line } from '../../src/api/lines';
import type { AccountList, AccountLists, ListScope } from '../shared/account-answers';
import { fingerprintOf, storeOf, type ConnectionSource } from './connection-source';

/** Looks into accounts on behalf of editors, with the sessions of the connections that run. */
export class AccountReader {
  /** What is being read now: editors that ask for the same wait for the same answer. */
  readonly #underWay = new Map<string, Promise<AccountLists[AccountList]>>();

  constructor(
    private readonly RED: Pick<NodeAPI, 'settings' | 'log'>,
    private readonly sessions: Sessions,
  ) {}

  /** A list of the account; employees of one company, or of all. Rejects with a ChatAppError. */
  read(source: ConnectionSource, list: AccountList, scope: ListScope = {}): Promise<AccountLists[AccountList]> {
    const name = [fingerprintOf(source), list, scope.company, scope.line, scope.messenger].join(' ');
    const underWay = this.#underWay.get(name);
    if (underWay) return underWay;
    const reading = this.#with(source, (account) => READ[list](account, scope)).finally(() =>
      this.#underWay.delete(name),
    );
    this.#underWay.set(name, reading);
    return reading;
  }

  /** Tries login, lines, socket and NATS; see `OpenAccount.check`. */
  check(source: ConnectionSource, onStep: (step: CheckStep) => void, signal: AbortSignal): Promise<void> {
    return this.#with(source, (account) => account.check(onStep, signal));
  }

  async #with<T>({ options, network }: ConnectionSource, act: (account: OpenAccount) => Promise<T>): Promise<T> {
    const { log } = this.RED;
    const store = storeOf(this.RED);
    const account = openAccount({
      ...options,
      network,
      sessions: this.sessions,
      ...(store && { store }),
      log: {
        debug: (line) => log.debug(`[chatapp-connection] ${line}`),
        info: (line) => log.info(`[chatapp-connection] ${line}`),
        warn: (line) => log.warn(`[chatapp-connection] ${line}`),
      },
    });
    try {
      return await act(account);
    } finally {
      await account.close();
    }
  }
}

const READ: Record<AccountList, (account: OpenAccount, scope: ListScope) => Promise<AccountLists[AccountList]>> = {
  lines: (account) => account.readLines(),
  companies: (account) => account.readCompanies(),
  employees: (account, { company }) => account.readEmployees(company),
  templates: (account, scope) => account.readTemplates(lineOf(scope)),
  chats: (account, scope) => account.readChats(lineOf(scope)),
};

function lineOf({ line = '', messenger = '' }: ListScope): Line {
  return { licenseId: line, messengerType: messenger };
}
