// npm socket.io-client 4.8 and 2.5 against `sansocket serve`: what one client alone can ask of the application.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { digest, made } from "./application.mjs";
import { CLIENTS, WAYS, ask, begin, connected, ended, hear, meet, notes, same, take } from "./peers.mjs";
import { SUBJECTS, serve } from "./subjects.mjs";

const BYTES = Buffer.from([0, 1, 2, 250, 251, 255]);
const TEXT = 'ü – 日本語 – 𝄞 \u2028 \\n \n "';
/** Values as they travel: every kind, bytes anywhere. */
const VALUES = [
  null,
  true,
  0,
  -1.5,
  2 ** 40,
  "",
  TEXT,
  [],
  {},
  [[], [[1, [2, [3]]]]],
  { "": 0, a: { b: { c: [null, false, TEXT] } } },
  BYTES,
  Buffer.alloc(0),
  { deep: [{ bytes: BYTES, beside: 1 }, BYTES] },
];

/** Looks like the place of bytes. Beside some it cannot travel: old clients would take it for one. */
const LOOKALIKE = { _placeholder: "no", num: 1 };

for (const subject of SUBJECTS) {
  for (const { name, version, settings, options: parser } of CLIENTS) {
    describe(`${name}, server on ${subject}`, () => {
      let server;
      before(async () => {
        server = await serve(subject, settings);
      });
      after(() => server.stop());

      for (const { way, transports } of WAYS) {
        const options = { transports, ...parser };

        test(`${way}: every row`, async () => {
          const socket = await meet(version, `${server.url}/?who=me`, options);
          await knowsUs(socket, transports.at(-1));
          await repeats(socket);
          await calls(socket);
          await keepsData(socket);
          await bursts(socket);
          socket.close();
        });

        test(`${way}: a mebibyte of bytes, deep inside, both ways`, async () => {
          const socket = await meet(version, server.url, options);
          const bytes = made(1 << 20);
          const value = { list: [{ bytes }, "beside"], more: [BYTES, { bytes: Buffer.alloc(0) }] };
          same(await ask(socket, "digest", value), digest(value));
          same(await ask(socket, "make-binary", 1 << 20), { n: 1 << 20, nested: [{ data: bytes }] });
          socket.close();
        });

        test(`${way}: the application can put us out`, async () => {
          for (const all of [false, true]) {
            const socket = await meet(version, server.url, options);
            const end = ended(socket);
            socket.emit("disconnect-me", all);
            assert.equal(await end, "io server disconnect");
          }
        });
      }

      test("namespaces share a connection, and know nothing of each other", async () => {
        const names = ["/", "/custom", "/dynamic-1", "/dynamic-23"];
        const shared = { ...parser, forceNew: false, query: { shared: "yes" } };
        const sockets = names.map((nsp) => begin(version, server.url + nsp, shared));
        await Promise.all(sockets.map(connected));
        assert.equal(new Set(sockets.map(({ io }) => io)).size, 1);
        assert.equal(new Set(sockets.map(({ id }) => id)).size, names.length);
        await Promise.all(sockets.slice(1).map((socket) => ask(socket, "join", "kitchen")));
        assert.deepEqual(await Promise.all(sockets.map((s) => ask(s, "room-size", "kitchen"))), [0, 1, 1, 1]);
        const heard = sockets.map((socket) => notes(socket, "hi"));
        await ask(sockets[1], "io-to-room", "kitchen", "hi", "custom");
        const end = ended(sockets[1]);
        sockets[1].emit("disconnect-me", false);
        assert.equal(await end, "io server disconnect");
        await Promise.all([sockets[0], ...sockets.slice(2)].map((socket) => ask(socket, "id")));
        assert.deepEqual(heard, [[], ["custom"], [], []]);
        for (const socket of sockets) socket.close();
      });
    });
  }

  describe(`auth, server on ${subject}`, () => {
    let server;
    before(async () => {
      server = await serve(subject);
    });
    after(() => server.stop());

    test("what a client says about itself is known", async () => {
      const payload = { user: TEXT, more: [1, { two: 2 }] };
      for (const auth of [payload, (say) => say(payload)]) {
        const socket = begin(4, server.url, { auth });
        same(await hear(socket, "auth"), payload);
        socket.close();
      }
      for (const version of [4, 2]) {
        const socket = begin(version, server.url);
        same(await hear(socket, "auth"), {});
        socket.close();
      }
    });

    test("a guarded namespace lets in who knows the word, and tells the others why not", async () => {
      for (const auth of [undefined, { token: "guess" }, { token: ["secret"] }]) {
        const refused = begin(4, `${server.url}/auth`, { auth });
        await assert.rejects(connected(refused), { message: "unauthorized", data: { code: 401 } });
        assert.equal(refused.connected, false);
        // The same socket, better advised.
        refused.auth = { token: "secret" };
        await connected(refused.connect());
        assert.equal(await ask(refused, "id"), refused.id);
        refused.close();
      }
    });

    test("an old client says it in the query, and is told the data", async () => {
      const refused = begin(2, `${server.url}/auth`);
      await assert.rejects(connected(refused), { data: { code: 401 } });
      refused.close();
    });

    test("there is no namespace of another name", async () => {
      for (const nsp of ["/nobody", "/dynamic-", "/dynamic-1x", "/custom/more", "/authority"]) {
        for (const version of [4, 2]) {
          const stranger = begin(version, server.url + nsp);
          await assert.rejects(connected(stranger), { message: "Invalid namespace" });
          stranger.close();
        }
      }
    });
  });
}

/** The id is ours, the transport the one in use, the query the one that was given. */
async function knowsUs(socket, transport) {
  assert.equal(await ask(socket, "id"), socket.id);
  assert.equal(await ask(socket, "transport"), transport);
  assert.equal((await ask(socket, "query")).who, "me");
}

/** All values come back, by events and by acknowledgements, alone and together. */
async function repeats(socket) {
  for (const value of [...VALUES, LOOKALIKE]) {
    const back = hear(socket, "message-back");
    socket.emit("message", value);
    same(await back, value);
    same(await ask(socket, "message-with-ack", value), value);
    same(await ask(socket, "digest", value), digest(value));
  }
  const [all] = [take(socket, "message-back", 2), socket.emit("message", ...VALUES), socket.emit("message")];
  same(await all, [VALUES, []]);
  const answer = await new Promise((resolve) => socket.emit("message-with-ack", ...VALUES, (...args) => resolve(args)));
  same(answer, VALUES);
}

/** The server asks, and we answer: with anything, or not at all. */
async function calls(socket) {
  let answer = (value, reply) => reply(value);
  socket.on("called", (...args) => answer(...args));
  for (const value of VALUES) same(await ask(socket, "call-me", value, 60_000), { reply: value });
  answer = () => {};
  assert.deepEqual(await ask(socket, "call-me", "hello?", 50), { timeout: true });
}

async function keepsData(socket) {
  assert.equal(await ask(socket, "get-data"), null);
  for (const value of ["one", { two: [BYTES] }]) {
    await ask(socket, "set-data", value);
    same(await ask(socket, "get-data"), value);
  }
}

/** Many events arrive in order; of volatile ones some may not, but what comes behind them does. */
async function bursts(socket) {
  const burst = take(socket, "burst", 2000);
  socket.emit("burst", 2000);
  assert.deepEqual(await burst, Array.from({ length: 2000 }, (_, at) => [at]));

  const [volatile, end] = [notes(socket, "vol"), hear(socket, "vol-end")];
  socket.emit("volatile-burst", 100);
  assert.equal(await end, 100);
  assert.ok(volatile.every((number, at) => number < 100 && (at === 0 || number > volatile[at - 1])), `${volatile}`);
  socket.off("vol");
}
