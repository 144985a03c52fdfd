import type { Node, NodeAPI, NodeDef } from 'node-red';
import { createConnection, Sessions, type Connection } from '../../src';
import { ChatAppError } from '../../src/errors';
import { Users, type ConnectionNode } from '../shared/connection-node';
import { PHRASES } from '../shared/phrases';
import { AccountReader } from './account-reader';
import { serveAccounts } from './account-routes';
import { callbacksOf, serveCallbacks, withCallbackUrl } from './callback-door';
import { serveCallbackList } from './callback-routes';
import { withClusterTls } from './cluster';
import { DeployedSources, fingerprintOf, storeOf, type ConnectionSource } from './connection-source';
import { Ending } from './ending';
import { LastingConnections, type MakeConnection } from './lasting-connections';
import { networkOf } from './network';
import { serveSamples } from './sample-route';
import { readConnectionSettings } from './settings';
import { tellerOf } from './teller';

export = (RED: NodeAPI): void => {
  const sessions = new Sessions();
  const connections = new LastingConnections();
  const sources = new DeployedSources(RED);
  const ending = Ending.of(RED.events);
  serveSamples(RED);
  serveAccounts(RED, new AccountReader(RED, sessions), sources);
  serveCallbacks(RED, connections);
  serveCallbackList(RED, connections, sources);

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const read = withClusterTls(RED, saved, readConnectionSettings(saved, this.credentials));
    const { options, appId, problems } = withCallbackUrl(read, RED.settings.httpNodeRoot, this.id);
    const source = { options, problems, network: networkOf(RED, saved) };
    sources.add(this, source);
    const users = new Users();
    const connection = problems.length > 0 ? undefined : connect(this, users, source);

    const listen: ConnectionNode['listen'] = (node, { ignoreOwn, ...listener }) => {
      const tell = (error: ChatAppError): void => {
        if (users.isNews(error, node)) listener.onError(error);
      };
      const own = [
        ...(ignoreOwn && appId === undefined ? [appIdMissing()] : []),
        ...(listener.ack === 'done' && !options.cluster ? [clusterMissing()] : []),
      ];
      if (!connection || own.length > 0) {
        listener.onStatus({ kind: 'configInvalid' });
        for (const problem of [...problems, ...own]) tell(problem);
        return () => undefined;
      }
      users.add(node);
      const ignoreApp = ignoreOwn && appId !== undefined ? { ignoreApp: appId } : {};
      const stop = connection.listen({ ...listener, ...ignoreApp, onError: tell });
      return (how) => {
        users.remove(node);
        stop(how);
      };
    };
    const sendOrder: ConnectionNode['sendOrder'] = (order, onWait) => {
      const [problem = ChatAppError.of('SEND_REFUSED', 'closed')] = problems;
      return connection ? connection.send(order, onWait) : Promise.reject(problem);
    };
    const check: ConnectionNode['check'] = (node) => ({
      isUsable: connection !== undefined,
      news: problems.filter((problem) => users.isNews(problem, node)),
    });
    const settle: ConnectionNode['settle'] = (ticket, outcome) => connection?.settle(ticket, outcome) ?? false;
    Object.assign(this, { listen, sendOrder, settle, check });

    this.on('close', (isRemoved: boolean, done: () => void) => {
      // Of several copies, the others take over at once from one that says goodbye.
      const endsNow = ending.isNow && options.cluster !== undefined;
      void connections.release(this.id, isRemoved ? 'forGood' : endsNow ? 'now' : 'mayReturn').finally(done);
    });
  }

  function connect(node: Node, users: Users, source: ConnectionSource): Connection {
    const { options, network } = source;
    const make: MakeConnection = (teller, settled) => {
      const kept = storeOf(RED);
      const store = kept && { store: settled(kept) };
      return createConnection({ ...options, ...teller, ...store, network, sessions, id: node.id });
    };
    const teller = tellerOf(RED, node, users);
    return connections.take(node.id, fingerprintOf(source), teller, make, callbacksOf(options));
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
  const wanted = 'the connection needs the id of your app to tell its own messages apart';
  return ChatAppError.of('CONFIG_INVALID', 'missing', { field: 'appId', wanted });
}

function clusterMissing(): ChatAppError {
  return ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'ack', wanted: PHRASES.noCluster });
}
