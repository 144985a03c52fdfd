import { isRecord } from '../../../simulator/json';

/** What a copy is started with. It can be written as JSON. */
export interface CopySettings {
  readonly url: string;
  readonly socketUrl: string;
  readonly email: string;
  readonly password: string;
  readonly appId: string;
  /** The NATS servers; none for a client that is on its own. */
  readonly servers: readonly string[];
  readonly replicas: 1 | 3;
  /** How long its flow has a message in hand, in ms: one at a time. 0: it is done with it at once. */
  readonly handleMs: number;
}

export function readCopySettings(value: unknown): CopySettings {
  const text = (name: string): string => {
    const found = isRecord(value) ? value[name] : undefined;
    if (typeof found !== 'string') throw new Error(`${name} is missing`);
    return found;
  };
  const { servers, replicas, handleMs } = isRecord(value) ? value : {};
  return {
    url: text('url'),
    socketUrl: text('socketUrl'),
    email: text('email'),
    password: text('password'),
    appId: text('appId'),
    servers: Array.isArray(servers) ? servers.filter((server) => typeof server === 'string') : [],
    replicas: replicas === 3 ? 3 : 1,
    handleMs: Number(handleMs),
  };
}
