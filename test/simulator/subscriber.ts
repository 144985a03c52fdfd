import type { Simulator } from '../../simulator';
import { isRecord, parseJson } from '../../simulator/json';
import { ProtocolClient } from './protocol-client';

/** A socket that is subscribed to channels of the simulator. */
export class Subscriber {
  readonly socketId: string;
  readonly client: ProtocolClient;

  private constructor(client: ProtocolClient, socketId: string) {
    this.client = client;
    this.socketId = socketId;
  }

  static async to(simulator: Simulator, ...channels: string[]): Promise<Subscriber> {
    const server = { ...credentials(simulator), dataLimit: 0 };
    const { client, socketId } = await ProtocolClient.connect(server);
    for (const channel of channels) await client.subscribe(server, socketId, channel);
    return new Subscriber(client, socketId);
  }

  /** The next event: its name and its data, parsed where it is a JSON string. */
  async next(): Promise<{ event: unknown; channel: unknown; data: unknown }> {
    const frame = await this.client.receive();
    if (!isRecord(frame)) throw new Error('The frame is no object');
    const { event, channel, data } = frame;
    return { event, channel, data: typeof data === 'string' ? parseJson(data) : data };
  }

  /** The only item of the next event. */
  async nextItem(): Promise<Record<string, unknown>> {
    const { data } = await this.next();
    const { payload } = isRecord(data) ? data : {};
    const items = isRecord(payload) ? payload.data : undefined;
    const [item] = Array.isArray(items) ? items.filter(isRecord) : [];
    if (!item) throw new Error('The event has no item');
    return item;
  }

  end(): void {
    this.client.end();
  }
}

function credentials({
  url,
  socketUrl,
  appKey,
  appId,
  secret,
}: Simulator): Record<'url' | 'socketUrl' | 'appKey' | 'appId' | 'secret', string> {
  return { url, socketUrl, appKey, appId, secret };
}
