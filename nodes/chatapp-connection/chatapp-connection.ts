import type { Node, NodeAPI, NodeDef } from 'node-red';
import { createConnection, type Connection } from '../../src';
import { ChatAppError } from '../../src/errors';
import { Users, type ConnectionNode } from '../shared/connection-node';
import { report } from '../shared/report';
import { networkOf } from './network';
import { readConnectionSettings } from './settings';

export = (RED: NodeAPI): void => {
  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const { options, appId, problems } = readConnectionSettings(saved, this.credentials);
    const users = new Users();

    const connect = (): Connection =>
      createConnection({
        ...options,
        network: networkOf(RED, saved),
        log: {
          debug: (line) => this.debug(line),
          info: (line) => this.log(line),
          warn: (line) => this.warn(line),
        },
        onError: (error) => {
          Object.assign(this, { users: users.onePerTab() });
          report(this, error);
        },
      });
    const connection = problems.length > 0 ? undefined : connect();

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
      return () => {
        users.remove(node);
        stop();
      };
    };

    Object.assign(this, { listen });

    this.on('close', (done: () => void) => {
      void (connection?.close() ?? Promise.resolve()).finally(done);
    });
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

function appIdMissing(): ChatAppError {
  const wanted = 'the connection needs the id of your app to tell its own messages apart';
  return ChatAppError.of('CONFIG_INVALID', 'missing', { field: 'appId', wanted });
}
