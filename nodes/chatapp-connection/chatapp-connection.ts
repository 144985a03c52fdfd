import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { createConnection, fileStore, Sessions, type Connection } from '../../src';
import { ChatAppError } from '../../src/errors';
import { Users, type ConnectionNode } from '../shared/connection-node';
import { report } from '../shared/report';
import { LastingConnections, type MakeConnection, type Teller } from './lasting-connections';
import { networkOf } from './network';
import { serveSamples } from './sample-route';
import { readConnectionSettings } from './settings';
import { socketStatus } from './socket-status';

export = (RED: NodeAPI): void => {
  const sessions = new Sessions();
  const connections = new LastingConnections();
  serveSamples(RED);

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const { options, appId, problems } = readConnectionSettings(saved, this.credentials);
    const users = new Users();
    const connection = problems.length > 0 ? undefined : connect(this, users);

    const listen: ConnectionNode['listen'] = (node, { ignoreOwn, ...listener }) => {
      const tell = (error: ChatAppError): void => {
        if (users.isNews(error, node)) listener.onError(error);
      };
      const isAppMissing = ignoreOwn && appId === undefined;
      if (!connection || isAppMissing) {
        listener.onStatus({ kind: 'configInvalid' });
        for (const problem of isAppMissing ? [...problems, appIdMissing()] : problems) tell(problem);
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
    Object.assign(this, { listen });

    this.on('close', (isRemoved: boolean, done: () => void) => {
      void connections.release(this.id, isRemoved).finally(done);
    });

    function connect(node: Node, users: Users): Connection {
      const network = networkOf(RED, saved);
      const make: MakeConnection = (teller, settled) => {
        // Without a user directory, as under some storage plugins, nothing outlives the process.
        const { userDir } = RED.settings;
        const store = userDir ? { store: settled(fileStore(join(userDir, 'chatapp'))) } : {};
        return createConnection({ ...options, ...teller, ...store, network, sessions, id: node.id });
      };
      const settings = createHash('sha256')
        .update(JSON.stringify([options, network.tls]))
        .digest('hex');
      return connections.take(node.id, settings, tellerOf(RED, node, users), make);
    }
  }

  RED.nodes.registerType('chatapp-connection', construct, {
    credentials: {
      accessToken: { type: 'password' },
      refreshToken: { type: 'password' },
      password: { type: 'password' },
      email: { type: 'text' },
      appId: { type: 'text' },
    },
  });
};

/** Tells errors and the state of the socket to the Catch and Status nodes of each tab that uses the node, once. */
function tellerOf(RED: NodeAPI, node: Node, users: Users): Teller {
  const forEachTab = (tell: () => void): void => {
    Object.assign(node, { users: users.onePerTab() });
    tell();
  };
  return {
    onError: (error) => forEachTab(() => report(RED, node, error)),
    onSocket: (state) => forEachTab(() => node.status(socketStatus(state))),
    log: {
      debug: (line) => node.debug(line),
      info: (line) => node.log(line),
      warn: (line) => node.warn(line),
    },
  };
}

function appIdMissing(): ChatAppError {
  const wanted = 'the connection needs the id of your app to tell its own messages apart';
  return ChatAppError.of('CONFIG_INVALID', 'missing', { field: 'appId', wanted });
}
