import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { pass } from '../../nodes/chatapp-connection/callback-route';
import type { Simulator, SimulatorOptions } from '../../simulator';
import type { ConnectionOptions } from '../../src/connection';
import { ConnectionHarness } from './connection-harness';
import { WAIT_LIMIT } from './wait-limit';

export const LINE = { licenseId: '50718', messengerType: 'telegram' } as const;
export const CHANNEL = 'private-v1.licenses.50718.messengers.telegram';

/** A connection that events reach by webhook, as in Node-RED, but without it. */
export class CallbackHarness {
  private constructor(
    readonly harness: ConnectionHarness,
    private readonly server: Server,
    /** Where the callbacks come in, without secret and line. */
    readonly baseUrl: string,
  ) {}

  static async start(
    settings: Partial<ConnectionOptions> & Pick<ConnectionOptions, 'receive'>,
    options: SimulatorOptions = {},
  ): Promise<CallbackHarness> {
    let harness: ConnectionHarness | undefined = undefined;
    const server = createServer((request, response) => {
      const [, , secret = '', licenseId = '', messengerType = ''] = (request.url ?? '').split('/');
      const webhook = harness?.connection.webhook;
      if (webhook) void pass(webhook, { secret, licenseId, messengerType }, request, response);
      else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const callbackUrl = `http://127.0.0.1:${port}/main`;
    const callbacks = { waitMs: 20, ...options.callbacks };
    harness = await ConnectionHarness.start({ ...options, callbacks }, () => ({ callbackUrl, ...settings }));
    return new CallbackHarness(harness, server, callbackUrl);
  }

  get simulator(): Simulator {
    return this.harness.simulator;
  }

  /** What the simulator has for the line, if its address is ours. */
  get ours(): { readonly url: string; readonly events: readonly string[] } | undefined {
    return this.simulator.callbacks.list.find(({ url, messengerType }) => {
      return messengerType === LINE.messengerType && url.startsWith(`${this.baseUrl}/`);
    });
  }

  /** How the line's callback stands. */
  get state(): string | undefined {
    return this.harness.connection.webhook?.callbacks.find(({ licenseId, messengerType }) => {
      return licenseId === LINE.licenseId && messengerType === LINE.messengerType;
    })?.state.kind;
  }

  /** Resolves once the line's callback stands so. */
  async untilState(wanted: string): Promise<void> {
    const limit = AbortSignal.timeout(WAIT_LIMIT);
    while (this.state !== wanted) {
      if (limit.aborted) throw new Error(`The callback is ${String(this.state)}, not ${wanted}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves once every callback is over, and everything that was sent on a socket has been read. */
  async untilQuiet(): Promise<void> {
    const pongs = (): number => this.simulator.frames.filter(({ event }) => event === 'pusher:pong').length;
    const before = pongs();
    // A client reads a socket in order: what came before the ping has been handled before the pong is sent.
    const pings = this.simulator.sendRaw('{"event":"pusher:ping","data":{}}');
    await this.simulator.until(({ callbacks }) => callbacks.waiting === 0 && pongs() >= before + pings);
  }

  async close(): Promise<void> {
    await this.harness.close();
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }
}
