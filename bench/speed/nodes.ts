import type { Node, NodeAPI, NodeDef } from 'node-red';
import { Meter, profileUntilExit } from './meter';
import { listenWithWs } from './peers';

/**
 * The nodes of the bench: one that counts what reaches it and passes it on if it is wired, one that swallows everything,
 * and the bare node: what this package costs beyond it is what it does.
 */
export = (RED: NodeAPI): void => {
  const meter = new Meter();
  profileUntilExit();

  RED.nodes.registerType('bench-sink', function (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const isWired = 'passes' in saved && saved.passes === true;
    this.on('input', (message, send, done) => {
      meter.came(message.topic ?? '', message.payload);
      if (isWired) send(message);
      done();
    });
  });

  RED.nodes.registerType('bench-end', function (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    this.on('input', (_message, _send, done) => done());
  });

  RED.nodes.registerType('bench-bare', function (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const url = 'url' in saved && typeof saved.url === 'string' ? saved.url : '';
    const socket = listenWithWs(url, 'bare', (topic, payload) => this.send({ topic, payload }));
    this.on('close', () => socket.terminate());
  });
};
