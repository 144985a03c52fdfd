/** The parts of Node-RED's test helper that the tests use; it ships no types of its own. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeInitializer } from 'node-red';

  interface TestHelper {
    init(runtimePath: string, settings?: object): void;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    /** Starts a flow. Credentials are keyed by node id. */
    load(nodes: readonly NodeInitializer[], flow: readonly object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    /** Deploys another flow over the running one. */
    setFlows(flow: readonly object[], type?: 'full' | 'flows' | 'nodes'): Promise<void>;
    /** With `status` and `error` wrapped in sinon spies. Null where there is no such node. */
    getNode(id: string): Node | null;
  }
  const helper: TestHelper;
  export default helper;
}
