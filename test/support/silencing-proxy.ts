import { connect, createServer, type Socket } from 'node:net';
import { RestartablePort } from './restartable-port';

/** Stands between a client and its server, and can let both wait: connections are accepted, but nothing comes through. */
export class SilencingProxy {
  isSilent = false;
  /** How many connections were accepted. */
  accepted = 0;
  readonly #open = new Set<Socket>();
  #onChange: () => void = () => undefined;
  readonly #port: RestartablePort;

  private constructor(targetPort: number) {
    this.#port = new RestartablePort(() =>
      createServer((client) => this.#join(client, connect(targetPort, '127.0.0.1'))),
    );
  }

  static async start(targetPort: number): Promise<SilencingProxy> {
    const proxy = new SilencingProxy(targetPort);
    await proxy.#port.open();
    return proxy;
  }

  get port(): number {
    return this.#port.number;
  }

  /** Breaks the connections. */
  cut(): void {
    for (const client of this.#open) client.destroy();
  }

  /** Resolves once `holds` does, by the connections accepted so far and those that are open. */
  async until(holds: (accepted: number, open: number) => boolean): Promise<void> {
    while (!holds(this.accepted, this.#open.size)) await new Promise<void>((resolve) => (this.#onChange = resolve));
  }

  close(): Promise<void> {
    return this.#port.close();
  }

  #join(client: Socket, server: Socket): void {
    this.accepted += 1;
    this.#open.add(client);
    client.on('data', (data) => void (this.isSilent || server.write(data)));
    server.on('data', (data) => void (this.isSilent || client.write(data)));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('close', () => {
      this.#open.delete(client);
      server.destroy();
      this.#onChange();
    });
    server.on('close', () => client.destroy());
    this.#onChange();
  }
}
