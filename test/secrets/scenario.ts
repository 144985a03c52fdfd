import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator';
import type { Connection, ConnectionOptions } from '../../src/connection';
import { SECRETS, SecretSpy } from './secret-spy';

export const LINE = { licenseId: 50101, messengerType: 'telegram' };
export const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

/** A token that the simulator takes. */
export const PASTED = { kind: 'token', accessToken: SECRETS.accessToken } as const;

/** A connection to a simulator whose account is made of marked secrets, with a spy on all its output. */
export class SecretScenario {
  connection: Connection | undefined;

  private constructor(
    readonly simulator: Simulator,
    readonly spy: SecretSpy,
  ) {}

  static async start(options: SimulatorOptions = {}): Promise<SecretScenario> {
    const { accessToken, refreshToken, password } = SECRETS;
    const simulator = await startSimulator({ account: { accessToken, refreshToken, password }, ...options });
    return new SecretScenario(simulator, new SecretSpy(await mkdtemp(join(tmpdir(), 'chatapp-secrets-'))));
  }

  /** Connects and listens to every line; without other credentials it logs in. */
  connect(options: Partial<ConnectionOptions> = {}): void {
    const { url, socketUrl, account } = this.simulator;
    const { email, appId } = account;
    const credentials = { kind: 'account', email, password: SECRETS.password, appId } as const;
    this.connection = this.spy.connect({ apiUrl: url, socketUrl, credentials, ...options });
    this.connection.listen(this.spy.listener());
  }

  /** Resolves once an error of this `CODE.reason` was reported. */
  reported(code: string): Promise<void> {
    return this.spy.until(({ codes }) => codes.has(code));
  }

  listening(): Promise<void> {
    return this.simulator.until((it) => it.subscriptions(CHANNEL) === 1);
  }

  async end(): Promise<void> {
    await this.connection?.close();
    await this.spy.store.close();
    await this.simulator.close();
    await rm(this.spy.folder, { recursive: true });
  }
}
