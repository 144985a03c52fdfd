import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator';
import type { Connection, ConnectionOptions } from '../../src/connection';
import { SECRETS, Witness } from './witness';

export const LINE = { licenseId: 50101, messengerType: 'telegram' };
export const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

/** A token that the stand-in takes. */
export const PASTED = { kind: 'token', accessToken: SECRETS.accessToken } as const;

/** A connection to a stand-in whose account is made of marked secrets, under the eyes of a witness. */
export class Scene {
  connection: Connection | undefined;

  private constructor(
    readonly simulator: Simulator,
    readonly witness: Witness,
  ) {}

  static async start(options: SimulatorOptions = {}): Promise<Scene> {
    const { accessToken, refreshToken, password } = SECRETS;
    const simulator = await startSimulator({ account: { accessToken, refreshToken, password }, ...options });
    return new Scene(simulator, new Witness(await mkdtemp(join(tmpdir(), 'chatapp-secrets-'))));
  }

  /** Connects and listens to every line; without other credentials it logs in. */
  connect(options: Partial<ConnectionOptions> = {}): void {
    const { url, socketUrl, account } = this.simulator;
    const { email, appId } = account;
    const credentials = { kind: 'account', email, password: SECRETS.password, appId } as const;
    this.connection = this.witness.connect({ apiUrl: url, socketUrl, credentials, ...options });
    this.connection.listen(this.witness.listener());
  }

  /** Resolves once an error of this `CODE.reason` was told. */
  told(code: string): Promise<void> {
    return this.witness.until(({ codes }) => codes.has(code));
  }

  listening(): Promise<void> {
    return this.simulator.until((it) => it.subscriptions(CHANNEL) === 1);
  }

  async end(): Promise<void> {
    await this.connection?.close();
    await this.witness.store.close();
    await this.simulator.close();
    await rm(this.witness.folder, { recursive: true });
  }
}
