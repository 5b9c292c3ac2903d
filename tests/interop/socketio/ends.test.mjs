// How sockets of npm clients end on `sansocket serve`, and that they come back when it does.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { CLIENTS, EAGER, WAYS, ask, ended, meet, serverSaid } from "./peers.mjs";
import { HASTE, SUBJECTS, serve } from "./subjects.mjs";

/** How a client can go: what it hears, and what the server notes. */
const PARTINGS = [
  { leave: (socket) => socket.disconnect(), here: "io client disconnect", there: "client namespace disconnect" },
  {
    leave: (socket) => socket.emit("disconnect-me", false),
    here: "io server disconnect",
    there: "server namespace disconnect",
  },
  {
    leave: (socket) => socket.emit("disconnect-me", true),
    here: "io server disconnect",
    there: "server namespace disconnect",
  },
  { leave: (socket) => socket.io.engine.close(), here: "forced close", there: "transport close" },
];

for (const subject of SUBJECTS) {
  for (const { name, version, settings, options: parser } of CLIENTS) {
    describe(`ends of ${name}, server on ${subject}`, { concurrency: true }, () => {
      for (const { way, transports } of WAYS) {
        const options = { transports, ...parser };

        test(`${way}: both sides say why`, async () => {
          const server = await serve(subject, settings);
          const witness = await meet(version, server.url, options);
          for (const { leave, here, there } of PARTINGS) {
            const socket = await meet(version, server.url, options);
            const [id, end] = [socket.id, ended(socket)];
            leave(socket);
            assert.equal(await end, here);
            assert.deepEqual(await serverSaid(witness, id), [there]);
            socket.close();
          }
          witness.close();
          await server.stop();
        });

        // npm's server forgets the deadline of protocol 3 when the transport changes.
        const skip = subject === "npm" && version === 2 && way === "upgrade";
        test(`${way}: a client without heartbeat is let go`, { skip }, async () => {
          const server = await serve(subject, { ...HASTE, ...settings });
          const socket = await meet(version, server.url, options);
          const [id, end] = [socket.id, ended(socket)];
          stopHeart(socket.io.engine, version);
          await end;
          const witness = await meet(version, server.url, options);
          assert.deepEqual(await serverSaid(witness, id), ["ping timeout"]);
          witness.close();
          await server.stop();
        });

        test(`${way}: a server without heartbeat is let go`, async () => {
          const server = await serve(subject, { ...HASTE, ...settings });
          const socket = await meet(version, server.url, options);
          const end = ended(socket);
          server.freeze();
          assert.equal(await end, "ping timeout");
          await server.stop();
        });

        for (const [how, down] of [["stopped", "stop"], ["killed", "kill"]]) {
          test(`${way}: a client survives that the server is ${how}`, async () => {
            const first = await serve(subject, settings);
            const socket = await meet(version, `${first.url}/custom`, { ...options, ...EAGER });
            const [before, end] = [socket.id, ended(socket)];
            await first[down]();
            assert.match(await end, /^transport (close|error)$/);
            // Kept until there is somebody to tell.
            const answers = [1, 2, 3].map((n) => new Promise((tell) => socket.emit("message-with-ack", n, tell)));
            const second = await serve(subject, { ...settings, PORT: first.port });
            assert.deepEqual(await Promise.all(answers), [1, 2, 3]);
            assert.equal(await ask(socket, "id"), socket.id);
            assert.notEqual(socket.id, before);
            socket.close();
            await second.stop();
          });
        }
      }
    });
  }
}

/** The client neither answers pings (protocol 4) nor sends any (protocol 3). */
function stopHeart(engine, version) {
  const name = version === 4 ? "_sendPacket" : "sendPacket";
  const send = engine[name].bind(engine);
  engine[name] = (type, ...rest) => (type === "ping" || type === "pong" ? undefined : send(type, ...rest));
  // Nor is it the first to lose patience.
  const clocks = version === 4 ? ["_resetPingTimeout"] : ["setPing", "onHeartbeat"];
  for (const clock of clocks) engine[clock] = () => {};
  for (const timer of ["_pingTimeoutTimer", "pingIntervalTimer", "pingTimeoutTimer"]) clearTimeout(engine[timer]);
  engine._pingTimeoutTime = Infinity;
}
