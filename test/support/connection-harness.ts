import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator';
import { createConnection, type Connection, type ConnectionOptions } from '../../src/connection';
import type { ChatAppError } from '../../src/errors';
import type { ListenerSpy } from './listener-spy';
import { nameOf } from './errors';
import { scaledClock } from './scaled-clock';

/** An account that may read every channel that the samples of the catalogue come on. */
export const ACCOUNT = {
  cabinetUserId: 9041,
  licenses: [{ licenseId: 50718, messengers: ['grWhatsApp', 'caWhatsApp', 'telegram', 'telegramBot', 'vkontakte'] }],
  companies: [
    {
      companyId: 3306,
      name: 'Pottery',
      employees: [{ id: 9041, email: 'olga@example.com', fullName: 'Olga Petrova', role: { name: 'Owner' } }],
    },
  ],
} as const satisfies SimulatorOptions['account'];

type Settings = Partial<ConnectionOptions>;

/** A connection to a simulator of ChatApp, with a pasted token that is good. */
export class ConnectionHarness {
  /** The connection's errors as `CODE.reason`. */
  readonly codes: string[] = [];
  readonly errors: ChatAppError[] = [];
  readonly log: string[] = [];
  readonly connection: Connection;

  private constructor(
    readonly simulator: Simulator,
    settings: Settings,
  ) {
    const write = (line: string): void => void this.log.push(line);
    this.connection = createConnection({
      credentials: { kind: 'token', accessToken: simulator.account.accessToken },
      apiUrl: simulator.url,
      socketUrl: simulator.socketUrl,
      // Missed messages are another test's matter.
      recoverHours: 0,
      clock: scaledClock(),
      log: { debug: write, info: write, warn: write },
      onError: (error) => {
        this.errors.push(error);
        this.codes.push(nameOf(error));
      },
      ...settings,
    });
  }

  static async start(
    options: SimulatorOptions = {},
    settings: (simulator: Simulator) => Settings = () => ({}),
  ): Promise<ConnectionHarness> {
    const simulator = await startSimulator({ account: ACCOUNT, ...options });
    return new ConnectionHarness(simulator, settings(simulator));
  }

  /** Adds listeners and waits until they listen. */
  async listen(...all: ListenerSpy[]): Promise<(() => void)[]> {
    const stops = all.map((spy) => this.connection.listen(spy));
    await Promise.all(all.map((spy) => spy.until(({ status }) => status?.kind === 'listening')));
    return stops.map((stop) => () => stop());
  }

  /** How many requests of this path are under way. */
  underWay(path: string): number {
    return this.simulator.requestsTo(path).filter(({ status }) => status === 0).length;
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.simulator.close();
  }
}
