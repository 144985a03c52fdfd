import { ExampleStage, type ExampleSettings, type RunningExample } from '../support/example-stage';
import type { Database, Row } from '../support/postgres';
import { TcpProxy } from '../support/tcp-proxy';

/** A Node-RED that writes into a database, and a way to the database that can be closed. */
export class Store {
  private constructor(
    readonly stage: ExampleStage,
    readonly database: Database,
    readonly proxy: TcpProxy,
  ) {}

  static async start(database: Database): Promise<Store> {
    const proxy = await TcpProxy.start(database.port, database.host);
    try {
      return new Store(await ExampleStage.start(), database, proxy);
    } catch (error) {
      await proxy.down();
      throw error;
    }
  }

  /** Leaves the database there. */
  async close(): Promise<void> {
    await this.stage.close();
    await this.proxy.down();
  }

  /** As before the first test: no flow, an open way, no table. */
  async clear(): Promise<void> {
    await this.stage.deploy([]);
    await this.proxy.down();
    await this.proxy.up();
    await this.database.ask('DROP TABLE IF EXISTS chatapp_events');
  }

  run(variables: ExampleSettings['variables'] = {}): Promise<RunningExample> {
    const { name, user } = this.database;
    const to = { DB_HOST: '127.0.0.1', DB_PORT: this.proxy.port, DB_NAME: name, DB_USER: user };
    return this.stage.run('store/postgres', { variables: { ...to, ...variables } });
  }

  /** Resolves once so many events of this run were written and none waits. */
  written(flow: RunningExample, count: number): Promise<void> {
    return this.stage.nodeRed.until(`${count} written`, () => lastStatus(flow) === `${count} written`);
  }

  /**
   * What is in the table, in no order, with some of what is inside an item in columns of their own. The time of receipt
   * is no order: several events may be received in the same millisecond.
   */
  rows(): Promise<Row[]> {
    return this.database.ask(`
      SELECT *, payload->'message'->>'text' AS text, payload->>'type' AS type, payload->'fromUser'->>'id' AS who,
        meta->>'licenseId' AS meta_line
      FROM chatapp_events`);
  }
}

/** What the node that writes says. */
export function lastStatus(flow: RunningExample): string {
  return String(flow.statuses('write what waits').at(-1)?.text);
}
