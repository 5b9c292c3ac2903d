// npm engine.io-client 6 and 3.5 against `sansocket serve`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Socket } from "engine.io-client";
import Socket3 from "engine.io-client-3";

import { PROTOCOLS, SUBJECTS, serve } from "./subjects.mjs";
import { echoes, exchange, next, sent } from "./traffic.mjs";

/** Heartbeats that are missed at once, but not by a busy machine that is only slow. */
const HASTE = { PING_INTERVAL: "300", PING_TIMEOUT: "700" };
/** How a session may travel. */
const WAYS = [
  { name: "polling", options: { transports: ["polling"] } },
  { name: "websocket", options: { transports: ["websocket"] } },
  { name: "polling, in base64", options: { transports: ["polling"], forceBase64: true } },
  { name: "websocket, in base64", options: { transports: ["websocket"], forceBase64: true } },
];

for (const subject of SUBJECTS) {
  for (const protocol of PROTOCOLS) {
    describe(`npm client of protocol ${protocol}, server on ${subject}`, () => {
      let server;
      before(async () => {
        server = await serve(subject);
      });
      after(() => server.stop());

      for (const { name, options } of WAYS) {
        test(`${name}: everything comes back`, async () => {
          const socket = await opened(protocol, server.url, options);
          await echoes(socket);
          await exchange(socket, 2000);
          await closed(socket);
        });
      }

      test("an upgrade under traffic loses nothing", async () => {
        const socket = await opened(protocol, server.url);
        await exchange(socket, 100_000);
        assert.equal(socket.transport.name, "websocket");
        await closed(socket);
      });

      test("many upgrades at once lose nothing", async () => {
        const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(protocol, server.url)));
        await Promise.all(sockets.map((socket) => Promise.all([upgraded(socket), exchange(socket, 1500)])));
        await Promise.all(sockets.map(closed));
      });

      test("what is sent at once, many messages in one body, arrives", async () => {
        const socket = await opened(protocol, server.url, { transports: ["polling"] });
        const texts = Array.from({ length: 10_000 }, (_, at) => `${at}`);
        const heard = [];
        const all = new Promise((resolve) =>
          socket.on("message", (data) => heard.push(data) === texts.length && resolve()),
        );
        for (const text of texts) socket.send(text);
        await all;
        assert.deepEqual(heard, texts);
        await closed(socket);
      });

      test("messages sent before the session is open arrive", async () => {
        const socket = client(protocol, server.url);
        socket.send("early");
        assert.equal(await next(socket), "early");
        await closed(socket);
      });
    });

    describe(`ends and heartbeats, protocol ${protocol}, server on ${subject}`, { concurrency: true }, () => {
      for (const { name, options } of [...WAYS.slice(0, 2), { name: "after the upgrade", options: {} }]) {
        const settled = async (socket) => (options.transports ? undefined : upgraded(socket));

        test(`${name}: a client that closes is forgotten`, async () => {
          const server = await serve(subject);
          const socket = await opened(protocol, server.url, options);
          await settled(socket);
          assert.equal(await sent(socket, "here"), "here");
          const { id } = socket;
          assert.equal(await closed(socket), "forced close");
          await forgotten(server.url, protocol, id);
          await server.stop();
        });

        test(`${name}: a server that ends says so`, async () => {
          const server = await serve(subject);
          const socket = await opened(protocol, server.url, options);
          await settled(socket);
          assert.equal(await sent(socket, "here"), "here");
          const end = ended(socket);
          assert.equal(await server.stop(), 0);
          // Between two polls nothing can be said: the next one finds nobody.
          assert.match(await end, name === "polling" ? /^transport (close|error)$/ : /^transport close$/);
        });

        // npm's server forgets the deadline of protocol 3 when the transport changes.
        const skip = subject === "npm" && protocol === 3 && !options.transports;
        test(`${name}: a client without heartbeat is let go`, { skip }, async () => {
          const server = await serve(subject, HASTE);
          const socket = client(protocol, server.url, options);
          stopHeart(socket, protocol);
          await once(socket, "open");
          const { id } = socket;
          assert.equal(await ended(socket), "transport close");
          await forgotten(server.url, protocol, id);
          await server.stop();
        });

        test(`${name}: a server without heartbeat is let go`, async () => {
          const server = await serve(subject, HASTE);
          const socket = await opened(protocol, server.url, options);
          await settled(socket);
          server.freeze();
          assert.equal(await ended(socket), "ping timeout");
          await server.stop();
        });

        test(`${name}: heartbeats keep a silent session`, async () => {
          const server = await serve(subject, HASTE);
          const socket = await opened(protocol, server.url, options);
          for (let beats = 0; beats < 4; beats++) await once(socket, protocol === 4 ? "ping" : "pong");
          assert.equal(await sent(socket, "still here"), "still here");
          await closed(socket);
          await server.stop();
        });
      }
    });
  }

  describe(`cookies, server on ${subject}`, () => {
    test("a client brings the cookie back, and the session goes on", async () => {
      const server = await serve(subject, { COOKIE: "io" });
      const socket = await opened(4, server.url, { withCredentials: true });
      await upgraded(socket);
      assert.deepEqual([...socket._cookieJar._cookies.keys()], ["io"]);
      assert.equal(socket._cookieJar._cookies.get("io").value, socket.id);
      await exchange(socket, 200);
      await closed(socket);
      await server.stop();
    });
  });
}

/** A client that begins. */
function client(protocol, url, options = {}) {
  return protocol === 3 ? new Socket3(url, options) : new Socket(url, options);
}

/** A client that is open. */
async function opened(protocol, url, options) {
  const socket = client(protocol, url, options);
  await Promise.race([once(socket, "open"), ended(socket).then((reason) => assert.fail(reason))]);
  return socket;
}

/** Resolves once it travels by WebSocket. */
async function upgraded(socket) {
  if (socket.transport.name !== "websocket") await once(socket, "upgrade");
}

/** Why it ends. (`once` of Node would take the error before it for the end.) */
function ended(socket) {
  return new Promise((resolve) => socket.on("close", resolve));
}

/** Closes; resolves with the reason. */
async function closed(socket) {
  const end = ended(socket);
  socket.close();
  return end;
}

/** Resolves once the server does not know the session any more. */
async function forgotten(url, protocol, sid) {
  for (;;) {
    const answer = await fetch(`${url}/engine.io/?EIO=${protocol}&transport=polling&sid=${sid}`);
    const { code } = answer.headers.get("content-type") === "application/json" ? await answer.json() : {};
    if (code === 1) return;
    await setTimeout(50);
  }
}

/** The client neither answers pings (protocol 4) nor sends any (protocol 3). */
function stopHeart(socket, protocol) {
  const name = protocol === 4 ? "_sendPacket" : "sendPacket";
  const send = socket[name].bind(socket);
  socket[name] = (type, ...rest) => (type === "ping" || type === "pong" ? undefined : send(type, ...rest));
  // Nor is it the first to lose patience.
  const clocks = protocol === 4 ? ["_resetPingTimeout"] : ["setPing", "onHeartbeat"];
  for (const clock of clocks) socket[clock] = () => {};
  for (const timer of ["_pingTimeoutTimer", "pingIntervalTimer", "pingTimeoutTimer"]) clearTimeout(socket[timer]);
  socket._pingTimeoutTime = Infinity;
}
