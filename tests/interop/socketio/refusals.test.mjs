// What `sansocket serve` does about clients that break the protocol of Socket.IO, or have nothing to say.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { Socket as Engine } from "engine.io-client";

import { ask, begin, meet, serverSaid } from "./peers.mjs";
import { SUBJECTS, serve } from "./subjects.mjs";

/** Bytes for a packet with attachments. */
const ATTACHMENT = Buffer.from([1, 2, 3]);

/** What is no packet, or not the one that comes next. Whoever says it has joined `/`. */
const MALFORMED = [
  [""],
  ["x"],
  ["9"],
  ["2"],
  ["2{}"],
  ["2[]"],
  ['2["hello"'],
  ['2["connect"]'],
  ['2["disconnect",1]'],
  ["2[null]"],
  ["0[]"],
  ['1"bye"'],
  ['5["hello",{"_placeholder":true,"num":0}]'],
  ['51-["hello",{"_placeholder":true,"num":1}]', ATTACHMENT],
  ['51-["hello",{"_placeholder":true,"num":0}]', '2["hello"]'],
  [ATTACHMENT],
];
/** What is a packet, and yet nothing that who has joined `/` and nothing else may say. */
const MISPLACED = [["0"], ['2/custom,["hello"]'], ["3/custom,1[]"], ["1/custom"]];
/** How the server's user is told. npm's has one word for both. */
const OFFENCES = [
  ...MALFORMED.map((messages) => ({ messages, reason: "parse error" })),
  ...MISPLACED.map((messages) => ({ messages, reason: "forced server close" })),
];

for (const subject of SUBJECTS) {
  describe(`what bad clients get, server on ${subject}`, () => {
    let server, witness;
    before(async () => {
      server = await serve(subject);
      witness = await meet(4, server.url);
    });
    after(async () => {
      witness.close();
      await server.stop();
    });

    for (const transport of ["polling", "websocket"]) {
      for (const { messages, reason } of OFFENCES) {
        const shown = messages.map((message) => (typeof message === "string" ? message : "bytes")).join(" then ");
        // npm's parser takes an event without a name, and then nobody is told of it.
        const skip = subject === "npm" && shown === "2";
        test(`${transport}: ${shown || "nothing in a packet"} closes the connection`, { skip }, async () => {
          const engine = raw(server.url, transport);
          engine.send("0");
          const [open] = await once(engine, "message");
          const { sid } = JSON.parse(open.slice(1));
          for (const message of messages) engine.send(message);
          await once(engine, "close");
          assert.deepEqual(await serverSaid(witness, sid), [subject === "npm" ? "forced close" : reason]);
        });
      }

      for (const first of ['2["hello"]', '2/custom,["hello"]', "3/custom,1[]", "1/custom", "x"]) {
        test(`${transport}: ${first} of a stranger closes the connection`, async () => {
          const engine = raw(server.url, transport);
          engine.send(first);
          await once(engine, "close");
        });
      }
    }

    test("who joins nothing is let go, and nobody else", async () => {
      const hasty = await serve(subject, { CONNECT_TIMEOUT: "1000" });
      const sockets = await Promise.all([4, 2].map((version) => meet(version, `${hasty.url}/custom`)));
      const idle = ["polling", "websocket"].map((transport) => once(raw(hasty.url, transport), "close"));
      const refused = begin(4, `${hasty.url}/nobody`);
      await Promise.all([...idle, once(refused.io.engine, "close")]);
      for (const socket of sockets) {
        assert.equal(await ask(socket, "id"), socket.id);
        socket.close();
      }
      await hasty.stop();
    });
  });
}

/** A session of Engine.IO, for whoever has Socket.IO of his own. */
function raw(url, transport) {
  return new Engine(url, { path: "/socket.io/", transports: [transport] });
}
