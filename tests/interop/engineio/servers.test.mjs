// Our client, as the `engineio_client` examples, against npm engine.io 6 and 3.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { attach } from "engine.io";
import engine3 from "engine.io-3";

import { SUBJECTS, echoClient } from "./subjects.mjs";
import { MAX_PAYLOAD, echoes, exchange, sent } from "./traffic.mjs";

/** Heartbeats that are missed at once, but not by a busy machine that is only slow. */
const HASTE = { pingInterval: 300, pingTimeout: 700 };
/** Who serves, and what a client has to be told to speak with it. */
const SERVERS = [
  { name: "engine.io 6", attach, words: [] },
  { name: "engine.io 6, protocol 3", attach, words: ["3"] },
  { name: "engine.io 3", attach: engine3.attach.bind(engine3), words: ["3"] },
];
/** How a session may travel. */
const WAYS = [
  { name: "polling", words: ["polling"], transport: "polling" },
  { name: "websocket", words: ["websocket"], transport: "websocket" },
  { name: "polling, in base64", words: ["polling", "base64"], transport: "polling" },
  { name: "websocket, in base64", words: ["websocket", "base64"], transport: "websocket" },
];
const ALL_WAYS = [...WAYS.slice(0, 2), { name: "after the upgrade", words: [], transport: "websocket" }];

for (const subject of SUBJECTS) {
  for (const npm of SERVERS) {
    describe(`client on ${subject}, server npm ${npm.name}`, () => {
      const meeting = meetings(subject, npm);

      for (const { name, words, transport } of WAYS) {
        test(`${name}: everything comes back`, async () => {
          const { socket, client } = await meeting(words);
          assert.equal(socket.transport.name, transport);
          await echoes(socket);
          await exchange(socket, 2000);
          await goodbye(socket, client);
        });
      }

      test("an upgrade under traffic loses nothing", async () => {
        const { socket, client } = await meeting([]);
        await exchange(socket, 100_000);
        assert.equal(socket.transport.name, "websocket");
        await goodbye(socket, client);
      });

      test("many upgrades at once lose nothing", async () => {
        const parties = await Promise.all(Array.from({ length: 10 }, () => meeting([])));
        await Promise.all(parties.map(({ socket }) => Promise.all([upgraded(socket), exchange(socket, 1500)])));
        await Promise.all(parties.map(({ socket, client }) => goodbye(socket, client)));
      });

      test("what is sent at once, many messages in one body, is read", async () => {
        const { socket, client } = await meeting(["polling"]);
        const texts = Array.from({ length: 10_000 }, (_, at) => `${at}`);
        const heard = [];
        const all = new Promise((resolve) =>
          socket.on("message", (data) => heard.push(data) === texts.length && resolve()),
        );
        for (const text of texts) socket.send(text);
        await all;
        assert.deepEqual(heard, texts);
        await goodbye(socket, client);
      });
    });

    describe(`ends, heartbeats and cookies, client on ${subject}, npm ${npm.name}`, { concurrency: true }, () => {
      const meeting = meetings(subject, npm);

      test("the query, the headers and the cookie come with every request", async () => {
        const requests = [];
        const { socket, client } = await meeting([], { cookie: cookie(npm) }, (request) => requests.push(request));
        await upgraded(socket);
        await exchange(socket, 100);
        assert.ok(requests.length > 2 && requests.some(({ headers }) => headers.upgrade === "websocket"));
        for (const { url, headers } of requests) {
          assert.match(url, /[?&]who=me(&|$)/);
          assert.equal(headers["x-who"], "me");
        }
        // npm's client of protocol 3 keeps cookies in browsers alone.
        if (subject !== "npm" || npm.words.length === 0) {
          assert.ok(requests.slice(1).every(({ headers }) => headers.cookie === `io=${socket.id}`));
        }
        await goodbye(socket, client);
      });

      for (const { name, words, transport } of ALL_WAYS) {
        const settled = (socket) => transport === "websocket" && upgraded(socket);

        test(`${name}: a client that closes says so`, async () => {
          const { socket, client } = await meeting(words);
          await settled(socket);
          assert.equal(await sent(socket, "here"), "here");
          await goodbye(socket, client);
        });

        test(`${name}: a server that closes is heard`, async () => {
          const { socket, client } = await meeting(words);
          await settled(socket);
          assert.equal(await sent(socket, "here"), "here");
          socket.close();
          assert.equal(await client.reason(), "transport close");
        });

        // npm's servers forget the deadline of protocol 3 when the transport changes.
        const skip = npm.words.includes("3") && words.length === 0;
        test(`${name}: a client without heartbeat is let go`, { skip }, async () => {
          const { socket, client } = await meeting(words, HASTE);
          await settled(socket);
          client.freeze();
          assert.equal(await ended(socket), "ping timeout");
          client.kill();
        });

        test(`${name}: a server without heartbeat is let go`, async () => {
          const { socket, client } = await meeting(words, HASTE);
          stopHeart(socket);
          assert.equal(await client.reason(), "ping timeout");
        });

        test(`${name}: heartbeats keep a silent session`, async () => {
          const { socket, client } = await meeting(words, HASTE);
          for (let beats = 0; beats < 4; beats++) await once(socket, "heartbeat");
          assert.equal(await sent(socket, "still here"), "still here");
          await goodbye(socket, client);
        });
      }
    });
  }
}

/** A function that makes a server and a client meet; all servers end with the tests around. */
function meetings(subject, npm) {
  const servers = [];
  after(() => {
    for (const http of servers) {
      http.close();
      http.closeAllConnections();
    }
  });
  return async function meeting(words, options = {}, onRequest = () => {}) {
    const http = createServer();
    const rest = { allowEIO3: true, maxHttpBufferSize: MAX_PAYLOAD, allowRequest };
    const engine = npm.attach(http, { ...rest, ...options });
    for (const event of ["request", "upgrade"]) http.prependListener(event, onRequest);
    servers.push(http);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const client = echoClient(subject, `http://127.0.0.1:${http.address().port}`, [...npm.words, ...words]);
    const gone = client.reason().then((reason) => assert.fail(`the client ended: ${reason}`));
    const [socket] = await Promise.race([once(engine, "connection"), gone]);
    gone.catch(() => {});
    return { socket, client };
  };
}

const allowRequest = (request, answer) => answer(null, true);

/** How a server is told to set the cookie `io`. */
function cookie(npm) {
  return npm.attach === attach ? { name: "io" } : "io";
}

/** Resolves once it travels by WebSocket. */
async function upgraded(socket) {
  if (socket.transport.name !== "websocket") await once(socket, "upgrade");
}

/** Why it ends. */
function ended(socket) {
  return new Promise((resolve) => socket.on("close", resolve));
}

/** The client is told to go; it says so to the server, and why to us. */
async function goodbye(socket, client) {
  const end = ended(socket);
  socket.send("bye");
  assert.equal(await client.reason(), "forced close");
  assert.equal(await end, "transport close");
}

/** The server neither sends pings (protocol 4) nor answers any (protocol 3), and has all the patience of the world. */
function stopHeart(socket) {
  const [send, close] = [socket.sendPacket.bind(socket), socket.onClose.bind(socket)];
  socket.sendPacket = (type, ...rest) => (type === "ping" || type === "pong" ? undefined : send(type, ...rest));
  socket.onClose = (reason, ...rest) => (reason === "ping timeout" ? undefined : close(reason, ...rest));
}
