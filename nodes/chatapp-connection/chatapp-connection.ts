import type { Node, NodeAPI, NodeDef } from 'node-red';
import { createConnection, DEFAULT_API_URL, Sessions, storedNames, type Connection } from '../../src';
import { detail } from '../../src/error-details';
import { ChatAppError } from '../../src/errors';
import { kindOf } from '../../src/log';
import { Users, type ConnectionNode, type NodeListener } from '../shared/connection-node';
import { Deploys } from '../shared/deploys';
import { nodesInFlows } from '../shared/in-flows';
import { inOne } from '../shared/settings';
import { AccountReader } from './account-reader';
import { serveAccounts } from './account-routes';
import { callbacksOf, serveCallbacks, withCallbackUrl } from './callback-route';
import { serveCallbackList } from './callback-routes';
import { DeployedSources, fingerprintOf, safetyWarnings, storeOf, type ConnectionSource } from './connection-source';
import { ConnectionRegistry, type MakeConnection } from './connection-registry';
import { serveDeadLetters } from './dead-letter-routes';
import { serveHealth } from './health-routes';
import { networkOf } from './network';
import { packageVersion } from './package-version';
import { Routes } from './routes';
import { serveSamples } from './sample-route';
import { readConnectionSettings, withClusterTls } from './settings';
import { StoredState } from './stored-state';
import { reporterOf } from './reporter';

export default (RED: NodeAPI): void => {
  const sessions = new Sessions();
  const deploys = Deploys.of(RED.events);
  const connections = new ConnectionRegistry(deploys);
  const sources = new DeployedSources(RED);
  let hasWarned = false;
  const kept = storeOf(RED);
  const state = kept && new StoredState(RED, kept);
  const routes = new Routes(RED);
  serveSamples(RED, routes);
  serveAccounts(RED, routes, new AccountReader(RED, sessions), sources);
  serveCallbacks(routes, connections);
  serveCallbackList(routes, connections, sources);
  serveHealth(RED, routes, connections, sources, packageVersion());
  serveDeadLetters(routes, connections);

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const read = withClusterTls(RED, saved, readConnectionSettings(saved, this.credentials));
    const { options, problems: found } = withCallbackUrl(read, RED.settings.httpNodeRoot, this.id);
    // What this app sent counts as own.
    const { appId = '' } = options.credentials;
    const problems = inOne(found);
    const source = { options, problems: found, network: networkOf(RED, saved) };
    sources.add(this, source);
    const users = new Users();
    const connection = problems.length > 0 ? undefined : connect(this, users, source);

    const ownAppUnknown = appIdMissing();
    const listen: ConnectionNode['listen'] = (node, { ignoreOwn, ...listener }) => {
      const tell: NodeListener['onError'] = (error, delivery) => {
        if (users.isUnreported(error, node)) listener.onError(error, delivery);
      };
      const needsApp = ignoreOwn && appId === '';
      if (!connection || needsApp) {
        listener.onStatus({ kind: 'configInvalid' });
        for (const problem of [...problems, ...(needsApp ? [ownAppUnknown] : [])]) tell(problem);
        return undefined;
      }
      users.add(node);
      const ignoreApp = ignoreOwn ? { ignoreApp: appId } : {};
      const stop = connection.listen({ ...listener, ...ignoreApp, onError: tell });
      return (how) => {
        if (how !== 'restarting') users.remove(node);
        // Without flows nobody needs the socket. The instances of a cluster say goodbye below.
        const isLast = deploys.isEnding && how === 'restarting' && options.cluster === undefined;
        stop(isLast ? 'now' : how);
      };
    };
    const sendOrder: ConnectionNode['sendOrder'] = (order, options) => {
      const [problem = ChatAppError.of('SEND_REFUSED', 'closed')] = problems;
      return connection ? connection.send(order, options) : Promise.reject(problem);
    };
    const api: ConnectionNode['api'] = () => {
      const [problem = ChatAppError.of('SEND_REFUSED', 'closed')] = problems;
      if (!connection) throw problem;
      return connection.api;
    };
    const check: ConnectionNode['check'] = (node) => ({
      isUsable: connection !== undefined,
      unreported: problems.filter((problem) => users.isUnreported(problem, node)),
    });
    const acknowledge: ConnectionNode['acknowledge'] = (deliveryToken, outcome, failure) =>
      connection?.acknowledge(deliveryToken, outcome, failure) ?? false;
    const connectionName = this.name === '' ? undefined : this.name;
    const namingOf: ConnectionNode['namingOf'] = ({ licenseId, messengerType }) => {
      const line = connection?.lineNaming(licenseId, messengerType);
      return { lineName: line?.lineName, messengerName: line?.messengerName, connectionName };
    };
    Object.assign(this, { listen, sendOrder, api, acknowledge, namingOf, check });

    const cancel = deploys.onNextStart(() => {
      const forgotten = connection?.forgetMissing(nodesInFlows(RED.nodes)) ?? Promise.resolve();
      forgotten.catch((error: unknown) => this.warn(`What deleted nodes have left stays stored: ${kindOf(error)}`));
    });
    this.on('close', (isRemoved: boolean, done: () => void) => {
      cancel();
      // Of several instances, the others take over at once from one that says goodbye.
      const endsNow = deploys.isEnding && options.cluster !== undefined;
      const how = isRemoved ? 'removed' : endsNow ? 'now' : 'mayReturn';
      connections.release(this.id, how).then(done, (error: unknown) => {
        this.warn(`The connection did not close cleanly: ${kindOf(error)}`);
        done();
      });
    });
  }

  function connect(node: Node, users: Users, source: ConnectionSource): Connection {
    const { options, network } = source;
    const { credentials, apiUrl = DEFAULT_API_URL } = options;
    state?.note(node.id, storedNames(node.id, credentials, apiUrl));
    const make: MakeConnection = (reporter, settled) => {
      warn(node, source);
      const store = kept && { store: settled(kept) };
      return createConnection({ ...options, ...reporter, ...store, network, sessions, id: node.id });
    };
    const reporter = reporterOf(RED, node, users);
    const usedElsewhere = callbacksOf(options) ?? options.cluster?.servers.join();
    return connections.take(node.id, fingerprintOf(source), reporter, make, usedElsewhere);
  }

  /** Once for each connection that is made; what concerns all of Node-RED once for all. */
  function warn(node: Node, { options }: ConnectionSource): void {
    for (const { key, host = '' } of safetyWarnings(RED, options)) {
      if (key === 'noAdminAuth' && hasWarned) continue;
      hasWarned ||= key === 'noAdminAuth';
      node.warn(RED._(`@chatapp-community/node-red-chatapp/chatapp-connection:warning.${key}`, { host }));
    }
  }

  RED.nodes.registerType('chatapp-connection', construct, {
    credentials: {
      accessToken: { type: 'password' },
      refreshToken: { type: 'password' },
      password: { type: 'password' },
      email: { type: 'text' },
      appId: { type: 'text' },
      clusterUser: { type: 'text' },
      clusterPassword: { type: 'password' },
      clusterToken: { type: 'password' },
    },
  });
};

function appIdMissing(): ChatAppError {
  return ChatAppError.of('CONFIG_INVALID', 'missing', { field: 'appId', ...detail('wanted', 'ownApp') });
}
