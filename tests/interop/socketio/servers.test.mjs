// Our client, as `sansocket connect --socketio`, against npm socket.io 4.8 and 2.5 with the same application.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { digest, made } from "./application.mjs";
import { ours, wire } from "./ours.mjs";
import { ask, meet, same, serverSaid } from "./peers.mjs";
import { HASTE, serve } from "./subjects.mjs";

const RUNTIMES = ["tokio", "smol"];
const BYTES = Buffer.from([0, 1, 2, 250, 251, 255]);
const TEXT = 'ü – 日本語 – 𝄞 \n "';
const VALUES = [null, true, -1.5, "", TEXT, [], [[1, [2]]], { a: { b: [null] } }, BYTES, { deep: [BYTES] }];
/** Who serves, and what our client has to be told. */
const SERVERS = [
  { name: "socket.io 4.8", settings: {}, words: [] },
  { name: "socket.io 4.8, MessagePack", settings: { PARSER: "msgpack" }, words: ["--parser", "msgpack"] },
  { name: "socket.io 4.8, as an old client", settings: {}, words: ["--eio", "3"] },
  { name: "socket.io 2.5", settings: { SOCKETIO: "2" }, words: ["--eio", "3"] },
];
const WAYS = [
  { way: "polling", words: ["--transport", "polling"], transport: "polling" },
  { way: "websocket", words: ["--transport", "websocket"], transport: "websocket" },
  { way: "upgrade", words: [], transport: "websocket" },
];

for (const runtime of RUNTIMES) {
  for (const { name, settings, words: dialect } of SERVERS) {
    describe(`client on ${runtime}, server npm ${name}`, { concurrency: 2 }, () => {
      let server;
      before(async () => {
        server = await serve("npm", settings);
      });
      after(() => server.stop());

      for (const { way, words, transport } of WAYS) {
        test(`${way}: every row, and a mebibyte of bytes`, async () => {
          const client = ours(runtime, `${server.url}/custom?who=me`, ...words, ...dialect);
          const { connected } = await client.next("connected");
          same(await client.event("auth"), [{}]);
          const [id] = await client.ack("id");
          // Before revision 5 the id was no business of the client's.
          if (!dialect.includes("3")) assert.equal(connected, id);
          await travels(client, transport);
          assert.equal((await client.ack("query"))[0].who, "me");
          await repeats(client);
          await keeps(client, way);
          client.emit("disconnect-me", way === "upgrade");
          assert.equal((await client.next("disconnected")).disconnected, "io server disconnect");
          assert.equal(await client.ended, 0);
        });
      }

      test("who leaves can come back", async () => {
        const client = ours(runtime, server.url, ...dialect);
        const witness = ours(runtime, `${server.url}/custom`, ...dialect);
        await Promise.all([client, witness].map((each) => each.next("connected")));
        client.disconnect();
        assert.equal((await client.next("disconnected")).disconnected, "io client disconnect");
        client.connect();
        await client.next("connected");
        same(await client.ack("rooms"), [[]]);
        assert.deepEqual([await client.end(), await witness.end()], [0, 0]);
      });

      test("a client survives that the server is started again", async () => {
        const first = await serve("npm", settings);
        const client = ours(runtime, `${first.url}/dynamic-5`, ...dialect);
        await client.next("connected");
        await first.kill();
        assert.match((await client.next("disconnected")).disconnected, /^transport (close|error)$/);
        const answer = client.ack("message-with-ack", "kept", BYTES);
        const second = await serve("npm", { ...settings, PORT: first.port });
        await client.next("connected");
        same(await answer, ["kept", BYTES]);
        assert.equal(await client.end(), 0);
        await second.stop();
      });

      test("a server without heartbeat is let go", async () => {
        const hasty = await serve("npm", { ...HASTE, ...settings });
        const client = ours(runtime, hasty.url, ...dialect);
        await client.next("connected");
        hasty.freeze();
        assert.equal((await client.next("disconnected")).disconnected, "ping timeout");
        client.disconnect();
        await client.end();
        await hasty.stop();
      });
    });
  }

  describe(`client on ${runtime}, among others`, () => {
    let server;
    before(async () => {
      server = await serve("npm", { RECOVERY_MS: "600000" });
    });
    after(() => server.stop());

    test("who is refused is told why, and ends", async () => {
      for (const words of [[], ["--auth", '{"token":"guess"}']]) {
        const client = ours(runtime, `${server.url}/auth`, ...words);
        assert.deepEqual(await client.next("error"), { error: "unauthorized", data: { code: 401 } });
        assert.equal(await client.ended, 1);
      }
      const stranger = ours(runtime, `${server.url}/nobody`);
      assert.equal((await stranger.next("error")).error, "Invalid namespace");
      assert.equal(await stranger.ended, 1);
      const payload = { token: "secret", more: [1, { two: "ü" }] };
      const friend = ours(runtime, `${server.url}/auth`, "--auth", JSON.stringify(payload));
      same(await first(friend, "auth"), payload);
      assert.equal(await friend.end(), 0);
    });

    test("rooms reach us, and hear our answers", async () => {
      const clients = [[], ["--transport", "polling"]].map((words) => ours(runtime, server.url, ...words));
      const npm = await meet(4, server.url);
      for (const client of clients) await client.ack("join", "kitchen");
      await ask(npm, "to-room", "kitchen", "said", { in: [BYTES] });
      for (const client of clients) same(await first(client, "said"), { in: [BYTES] });
      const asked = ask(npm, "broadcast-ack", "kitchen", "who", "there?", 60_000);
      for (const [at, client] of clients.entries()) {
        const { question, args } = await client.next("event", "who");
        assert.deepEqual(args, ["there?"]);
        client.answer(question, { at, bytes: BYTES });
      }
      const { timeout, replies } = await asked;
      assert.equal(timeout, false);
      same(replies.sort((one, other) => one.at - other.at), [0, 1].map((at) => ({ at, bytes: BYTES })));
      for (const client of clients) assert.equal(await client.end(), 0);
      npm.close();
    });

    test("a session whose connection was cut misses nothing", async () => {
      const [line, npm] = [await wire(server.port), await meet(4, server.url)];
      const client = ours(runtime, line.url, "--transport", "websocket");
      const { connected } = await client.next("connected");
      await client.ack("join", "kitchen");
      await ask(npm, "to-room", "kitchen", "said", "before");
      same(await first(client, "said"), "before");
      line.cut();
      assert.match((await client.next("disconnected")).disconnected, /^transport (close|error)$/);
      const missed = ["one", { two: [BYTES] }, 3];
      for (const value of missed) await ask(npm, "to-room", "kitchen", "said", value);
      assert.equal((await client.next("connected")).connected, connected);
      for (const value of missed) same(await first(client, "said"), value);
      same(await client.ack("rooms"), [["kitchen"]]);
      client.disconnect();
      assert.equal((await serverSaid(npm, connected, 2))[1], "client namespace disconnect");
      await client.end();
      npm.close();
      line.close();
    });
  });
}

/** What was said. Where sessions can be recovered, an offset comes behind it, as with the JavaScript client. */
async function first(client, event) {
  return (await client.event(event))[0];
}

/** It comes to travel like this: an upgrade takes a moment, and nothing of it is told. */
async function travels(client, transport) {
  while ((await client.ack("transport"))[0] !== transport);
}

/** All values come back, by events and by acknowledgements, alone and together; and what we are asked we answer. */
async function repeats(client) {
  for (const value of VALUES) {
    client.emit("message", value);
    same(await client.event("message-back"), [value]);
    same(await client.ack("digest", value), [digest(value)]);
    const reply = client.ack("call-me", value, 60_000);
    const { question } = await client.next("event", "called");
    client.answer(question, value);
    same(await reply, [{ reply: value }]);
  }
  same(await client.ack("message-with-ack", ...VALUES), VALUES);
  same(await client.ack("call-me", "hello?", 50), [{ timeout: true }]);
  const bytes = made(1 << 20);
  const value = { list: [{ bytes }, "beside"], more: [BYTES, { bytes: Buffer.alloc(0) }] };
  same(await client.ack("digest", value), [digest(value)]);
  same(await client.ack("make-binary", 1 << 20), [{ n: 1 << 20, nested: [{ data: bytes }] }]);
}

/** Data and rooms are kept, and many events come in order. Whoever comes by another `way` has rooms of his own. */
async function keeps(client, way) {
  const [one, other] = [`one, ${way}`, `two, ${way}`];
  await client.ack("set-data", { two: [BYTES] });
  same(await client.ack("get-data"), [{ two: [BYTES] }]);
  for (const room of [one, other]) await client.ack("join", room);
  same(await client.ack("rooms"), [[one, other]]);
  await client.ack("leave", one);
  same(await client.ack("room-size", other), [1]);
  await client.ack("io-to-room", other, "said", "hi");
  same(await client.event("said"), ["hi"]);
  await client.ack("leave", other);
  client.emit("burst", 500);
  for (let number = 0; number < 500; number++) same(await client.event("burst"), [number]);
  client.emit("volatile-burst", 10);
  same(await client.event("vol-end"), [10]);
}
