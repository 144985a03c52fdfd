'use strict';
/**
 * The node at the end of each scenario's flow. It prints what reaches it as one line of JSON: a pipe takes the line before the
 * next one is made, so that a process which is killed has printed all that its flow was given. `slow` is how long the flow works
 * on each message, in ms: it blocks the event loop, but leaves the CPU to others.
 */
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

module.exports = (RED) => {
  RED.nodes.registerType('collect', function (saved) {
    RED.nodes.createNode(this, saved);
    this.on('input', (msg, _send, done) => {
      if (saved.slow) Atomics.wait(NOTHING, 0, 0, saved.slow);
      const { chatapp = {}, payload = {}, error, topic, _msgid } = msg;
      const { event, licenseId, messengerType, chatId, messageId, recovered, attempt } = chatapp;
      const text = payload?.message?.text;
      const failure = error && { code: error.code, message: error.message };
      const line = { at: this.id, topic, event, licenseId, messengerType, chatId, messageId, recovered, attempt, text };
      process.stdout.write(`collected ${JSON.stringify({ ...line, ...(failure && { failure }), _msgid })}\n`);
      done();
    });
  });
};
