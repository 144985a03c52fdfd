import { isRecord } from '../../../simulator/json';

/** What an instance is started with. It can be written as JSON. */
export interface InstanceSettings {
  readonly url: string;
  readonly socketUrl: string;
  readonly email: string;
  readonly password: string;
  readonly appId: string;
  /** The NATS servers; none for a client that is on its own. */
  readonly servers: readonly string[];
  readonly replicas: 1 | 3;
  /** How long its flow handles an event, in ms: one at a time. 0: it is done at once. */
  readonly handleMs: number;
  /** The flow handles as many events at the same time as it gets. */
  readonly isParallel: boolean;
  /** The wall clock of each instance is wrong, and steps every 3 s. */
  readonly hasWrongClock: boolean;
}

export function readInstanceSettings(value: unknown): InstanceSettings {
  const text = (name: string): string => {
    const found = isRecord(value) ? value[name] : undefined;
    if (typeof found !== 'string') throw new Error(`${name} is missing`);
    return found;
  };
  const { servers, replicas, handleMs, isParallel, hasWrongClock } = isRecord(value) ? value : {};
  return {
    url: text('url'),
    socketUrl: text('socketUrl'),
    email: text('email'),
    password: text('password'),
    appId: text('appId'),
    servers: Array.isArray(servers) ? servers.filter((server) => typeof server === 'string') : [],
    replicas: replicas === 3 ? 3 : 1,
    handleMs: Number(handleMs),
    isParallel: isParallel === true,
    hasWrongClock: hasWrongClock === true,
  };
}
