import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { listenAsPusher } from '../peers';
import { REPORTED } from '../names';
import { startProfiler } from '../profiler';
import { settledHeap } from '../settled-heap';
import { Meter } from '../subject';

/** The nodes of the bench: one that counts what reaches it, and pusher-js as the least node that there could be. */
export = (RED: NodeAPI): void => {
  function sink(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const meter = new Meter((run) => console.log(REPORTED + JSON.stringify({ run })));
    this.on('input', ({ topic = '', payload }, _send, done) => {
      meter.came(topic, payload);
      done();
    });
  }

  function pusher(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const url = 'url' in saved && typeof saved.url === 'string' ? saved.url : '';
    const send = (message: NodeMessage): void => this.send(message);
    listenAsPusher({ url, lines: 1 }, (topic, payload) => send({ topic, payload }));
  }

  RED.httpAdmin.post('/bench/heap', (_request, response) => {
    void settledHeap().then((heap) => {
      console.log(REPORTED + JSON.stringify({ heap }));
      response.sendStatus(204);
    });
  });
  let endProfile: () => Promise<object> = () => Promise.resolve({});
  RED.httpAdmin.post('/bench/profile/begin', (_request, response) => {
    void startProfiler().then((end) => {
      endProfile = end;
      response.sendStatus(204);
    });
  });
  RED.httpAdmin.post('/bench/profile/end', (_request, response) => {
    void endProfile().then((profile) => response.json(profile));
  });
  RED.nodes.registerType('bench-sink', sink);
  RED.nodes.registerType('bench-pusher', pusher);
};
