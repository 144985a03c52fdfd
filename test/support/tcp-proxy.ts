import { connect, createServer, type Server, type Socket } from 'node:net';
import { RestartablePort } from './restartable-port';

/** Stands between an example and a real server, so that the server can be gone for one test and there for all others. */
export class TcpProxy {
  readonly #port: RestartablePort;
  #isMute = false;

  private constructor(
    private readonly targetPort: number,
    private readonly targetHost: string,
  ) {
    this.#port = new RestartablePort(() => this.#server());
  }

  static async start(targetPort: number, targetHost = '127.0.0.1'): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort, targetHost);
    await proxy.up();
    return proxy;
  }

  get port(): number {
    return this.#port.number;
  }

  /** From now on connections are refused; those that are there break. */
  down(): Promise<void> {
    return this.#port.close();
  }

  /** Ends `down`, on the same port. */
  up(): Promise<void> {
    return this.#port.open();
  }

  /** With `true`, what clients say reaches the server, but its answer breaks the connection. */
  swallowAnswers(isMute: boolean): void {
    this.#isMute = isMute;
  }

  #server(): Server {
    return createServer((client: Socket) => {
      const server = connect(this.targetPort, this.targetHost);
      client.pipe(server);
      server.on('data', (data: Buffer) => {
        if (this.#isMute) client.destroy();
        else client.write(data);
      });
      // If one side ends, the other is ended too, in whatever way.
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        one.on('error', () => undefined);
        one.on('close', () => other.destroy());
      }
    });
  }
}
