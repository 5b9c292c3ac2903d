// Rooms, and everything that is said to many, with three clients that differ in all they may differ in.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { CLIENTS, ask, ended, meet, notes, same } from "./peers.mjs";
import { SUBJECTS, serve } from "./subjects.mjs";

const BYTES = { in: [Buffer.from([1, 2, 255])] };
const [MODERN, OLD, MSGPACK] = CLIENTS;
/** Who meets: of one kind each, and a mixture. */
const PARTIES = [
  { party: "4.8 and 2.5, all transports", kinds: [MODERN, MODERN, OLD] },
  { party: "2.5", kinds: [OLD, OLD, OLD] },
  { party: "MessagePack", kinds: [MSGPACK, MSGPACK, MSGPACK] },
];
const TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]];

for (const subject of SUBJECTS) {
  for (const { party, kinds } of PARTIES) {
    describe(`three clients (${party}), server on ${subject}`, () => {
      let server, sockets;
      before(async () => {
        server = await serve(subject, kinds[0].settings);
        const guests = kinds.map(({ version, options }, at) =>
          meet(version, `${server.url}/dynamic-7`, { transports: TRANSPORTS[at], ...options }),
        );
        sockets = await Promise.all(guests);
      });
      after(async () => {
        for (const socket of sockets) socket.close();
        await server.stop();
      });

      /** What each of the three hears of what the `speaker` does. Who answers has heard all before. */
      async function heardOf(speaker, ...asked) {
        const heard = sockets.map((socket) => notes(socket, "said"));
        await ask(sockets[speaker], ...asked);
        await Promise.all(sockets.map((socket) => ask(socket, "id")));
        for (const socket of sockets) socket.off("said");
        return heard.map((values) => values.length);
      }

      test("rooms are joined and left", async () => {
        const [a, b] = sockets;
        for (const [socket, room] of [[a, "x"], [a, "y"], [a, "x"], [b, "y"]]) await ask(socket, "join", room);
        assert.deepEqual(await ask(a, "rooms"), ["x", "y"]);
        assert.deepEqual(await ask(b, "rooms"), ["y"]);
        assert.equal(await ask(a, "room-size", "y"), 2);
        assert.equal(await ask(a, "room-size", "nobody's"), 0);
        for (const [socket, room] of [[a, "x"], [a, "y"], [b, "y"], [b, "x"]]) await ask(socket, "leave", room);
        assert.deepEqual([await ask(a, "rooms"), await ask(b, "rooms"), await ask(b, "room-size", "y")], [[], [], 0]);
      });

      test("every operator reaches whom it should, and nobody twice", async () => {
        await members({ left: [0, 1], right: [1, 2], all: [0, 1, 2] });
        for (const value of ["hello", BYTES]) {
          assert.deepEqual(await heardOf(0, "to-room", "left", "said", value), [0, 1, 0]);
          assert.deepEqual(await heardOf(2, "to-room", "left", "said", value), [1, 1, 0]);
          assert.deepEqual(await heardOf(0, "to-room", ["left", "right"], "said", value), [0, 1, 1]);
          assert.deepEqual(await heardOf(0, "io-to-room", "left", "said", value), [1, 1, 0]);
          assert.deepEqual(await heardOf(1, "io-to-room", ["left", "right", "all"], "said", value), [1, 1, 1]);
          assert.deepEqual(await heardOf(1, "io-to-room-except", "all", "left", "said", value), [0, 0, 1]);
          assert.deepEqual(await heardOf(1, "io-to-room-except", "left", "right", "said", value), [1, 0, 0]);
          assert.deepEqual(await heardOf(1, "broadcast", "said", value), [1, 0, 1]);
          assert.deepEqual(await heardOf(1, "io-to-room", sockets[2].id, "said", value), [0, 0, 1]);
          assert.deepEqual(await heardOf(1, "to-room", "nobody's", "said", value), [0, 0, 0]);
        }
      });

      test("what is said to many is what they hear", async () => {
        await members({ all: [0, 1, 2] });
        const heard = sockets.map((socket) => notes(socket, "said"));
        const values = [BYTES, "text", null, [BYTES, { a: 1 }]];
        for (const value of values) await ask(sockets[0], "io-to-room", "all", "said", value);
        await ask(sockets[0], "io-later", "all", 20, "said", "late");
        const late = sockets.map(async (socket, at) => {
          while (!heard[at].includes("late")) await ask(socket, "id");
        });
        await Promise.all(late);
        for (const said of heard) same(said, [...values, "late"]);
        for (const socket of sockets) socket.off("said");
      });

      test("a room answers, all of it or all but who is silent", async () => {
        await members({ all: [0, 1, 2] });
        for (const [at, socket] of sockets.entries()) socket.on("who", (value, answer) => answer({ at, value }));
        const asked = (value, time) => ask(sockets[0], "broadcast-ack", "all", "who", value, time);
        const whole = await asked(BYTES, 60_000);
        assert.equal(whole.timeout, false);
        same(whole.replies.sort(byPlace), [0, 1, 2].map((at) => ({ at, value: BYTES })));

        sockets[1].off("who");
        const part = await asked("again", 300);
        assert.equal(part.timeout, true);
        same(part.replies.sort(byPlace), [0, 2].map((at) => ({ at, value: "again" })));

        const nobody = await ask(sockets[0], "broadcast-ack", "nobody's", "who", 1, 60_000);
        assert.deepEqual(nobody, { timeout: false, replies: [] });
        for (const socket of sockets) socket.off("who");
      });

      test("who leaves is in no room any more", async () => {
        await members({ all: [0, 1, 2] });
        const guest = await meet(kinds[0].version, `${server.url}/dynamic-7`, kinds[0].options);
        await ask(guest, "join", "all");
        assert.equal(await ask(sockets[0], "room-size", "all"), 4);
        const end = ended(guest);
        guest.emit("disconnect-me", false);
        await end;
        assert.equal(await ask(sockets[0], "room-size", "all"), 3);
        guest.close();
      });

      /** Everybody is in these rooms, and in no other. */
      async function members(rooms) {
        for (const [at, socket] of sockets.entries()) {
          for (const room of await ask(socket, "rooms")) await ask(socket, "leave", room);
          for (const [room, there] of Object.entries(rooms)) if (there.includes(at)) await ask(socket, "join", room);
        }
      }
    });
  }
}

const byPlace = (one, other) => one.at - other.at;
