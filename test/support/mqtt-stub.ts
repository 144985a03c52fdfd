import { createServer, type Socket } from 'node:net';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';
import { RestartablePort } from './restartable-port';

/** What the broker got. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
}

/** What becomes of it: the reason code of the acknowledgement, such as 0x87; `hang` gives none, `break` ends the connection. */
export type Verdict = { readonly reason?: number; readonly reply?: Publication } | 'hang' | 'break';

/** As much of an MQTT 5 broker as a client that publishes with QoS 1 needs, to let it fail. A reply goes to all clients. */
export class MqttStub {
  readonly #clients = new Set<Socket>();
  readonly #port = new RestartablePort(() => createServer((socket) => this.#serve(socket)));

  private constructor(private readonly judge: (publication: Publication) => Verdict) {}

  static async start(judge: (publication: Publication) => Verdict): Promise<MqttStub> {
    const stub = new MqttStub(judge);
    await stub.#port.open();
    return stub;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port.number}`;
  }

  close(): Promise<void> {
    return this.#port.close();
  }

  #serve(socket: Socket): void {
    let connect: IConnectPacket | undefined;
    const send = (packet: Packet): void => void socket.write(generate(packet, connect));
    const parse = parser({ protocolVersion: 5 });
    parse.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') connect = packet;
      this.#take(packet, socket, send);
    });
    this.#clients.add(socket);
    socket.on('data', (chunk) => parse.parse(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#clients.delete(socket));
  }

  #take(packet: Packet, socket: Socket, send: (packet: Packet) => void): void {
    const { messageId = 0 } = packet;
    if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
    if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' });
    if (packet.cmd === 'subscribe') {
      send({ cmd: 'suback', messageId, granted: packet.subscriptions.map(() => 1) });
    }
    if (packet.cmd !== 'publish') return;
    const verdict = this.judge({ topic: packet.topic, payload: String(packet.payload) });
    if (verdict === 'break') return void socket.destroy();
    if (verdict === 'hang') return;
    const { reason = 0, reply } = verdict;
    send({ cmd: 'puback', messageId, reasonCode: reason });
    if (reply === undefined) return;
    const publish = generate(
      { cmd: 'publish', qos: 0, dup: false, retain: false, ...reply },
      { cmd: 'connect', clientId: '', protocolVersion: 5 },
    );
    for (const client of this.#clients) client.write(publish);
  }
}
