// Clients of npm that lose their connection to `sansocket serve` and come back to their session.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { CLIENTS, WAYS, ask, connected, ended, meet, notes, same } from "./peers.mjs";
import { SUBJECTS, serve } from "./subjects.mjs";

for (const subject of SUBJECTS) {
  describe(`recovery, server on ${subject}`, { concurrency: true }, () => {
    const modern = CLIENTS.filter(({ version }) => version === 4);
    for (const { name, settings, options: parser } of modern) {
      for (const { way, transports } of WAYS) {
        const options = { transports, ...parser };

        // npm's server neither takes over a session whose end it has not noticed, nor recovers one that heard nothing.
        for (const { fate, cut, greeting, skip } of [
          { fate: "that was cut off", cut: cutOff, greeting: true, skip: way === "polling" && subject === "npm" },
          { fate: "that was cut off before it heard anything", cut: cutOff, greeting: false, skip: subject === "npm" },
          { fate: "that fell silent", cut: fallSilent, greeting: true, skip: subject === "npm" },
        ]) {
          test(`${name}, ${way}: a session ${fate} misses nothing`, { skip }, async () => {
            const server = await serve(subject, { RECOVERY_MS: "600000", ...settings });
            const [socket, other] = await Promise.all([0, 1].map(() => meet(4, server.url, options)));
            await ask(socket, "set-data", { mine: "still" });
            await ask(socket, "join", "kitchen");
            const [heard, said] = [notes(socket, "said"), greeting ? ["hello"] : []];
            const { id } = socket;
            for (const word of said) await ask(other, "io-to-room", "kitchen", "said", word);
            if (greeting) await ask(socket, "id");

            const end = ended(socket);
            cut(socket.io.engine);
            await end;
            const missed = [1, { two: [Buffer.from([2])] }, "three", ...Array.from({ length: 50 }, (_, at) => at)];
            for (const value of missed) await ask(other, "to-room", "kitchen", "said", value);
            await connected(socket.connect());
            await ask(other, "io-to-room", "kitchen", "said", "afterwards");

            assert.deepEqual([socket.recovered, socket.id], [true, id]);
            same(await ask(socket, "get-data"), { mine: "still" });
            assert.deepEqual(await ask(socket, "rooms"), ["kitchen"]);
            same(heard, [...said, ...missed, "afterwards"]);
            for (const peer of [socket, other]) peer.close();
            await server.stop();
          });
        }
      }
    }

    test("a session is not recovered once it was left, nor where nothing is kept", async () => {
      for (const { settings, leave } of [
        { settings: { RECOVERY_MS: "600000" }, leave: (socket) => socket.disconnect() },
        { settings: { RECOVERY_MS: "600000" }, leave: (socket) => socket.emit("disconnect-me", false) },
        { settings: {}, leave: (socket) => cutOff(socket.io.engine) },
      ]) {
        const server = await serve(subject, settings);
        const socket = await meet(4, server.url, { transports: ["websocket"] });
        await ask(socket, "join", "kitchen");
        const [id, end] = [socket.id, ended(socket)];
        leave(socket);
        await end;
        await connected(socket.connect());
        assert.deepEqual([Boolean(socket.recovered), await ask(socket, "rooms")], [false, []]);
        assert.notEqual(socket.id, id);
        socket.close();
        await server.stop();
      }
    });
  });
}

/** The connection is gone, and no word was said. */
function cutOff(engine) {
  const { transport } = engine;
  if (transport.ws) return transport.ws.terminate();
  // Whoever polls has no connection: the next request finds that the session is none.
  fallSilent(engine);
}

/** The client is gone, and its connection is not: the server has not noticed. */
function fallSilent(engine) {
  engine.transport.doClose = () => {};
  engine._onClose("transport error");
}
