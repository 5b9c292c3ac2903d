// What a server answers over real HTTP, case by case: status, body, headers. `npm` stands beside what engine.io 6
// answers otherwise; that nothing else differs is shown by SUBJECTS=npm.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { WebSocket } from "ws";

import { SUBJECTS, serve } from "./subjects.mjs";
import { MAX_PAYLOAD } from "./traffic.mjs";

const JSON_TYPE = "application/json";
const TEXT = "text/plain; charset=UTF-8";
const HANDSHAKE =
  /^0\{"sid":"[\w-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000\}$/;

const refusal = (code, message, status = 400) => ({ status, type: JSON_TYPE, body: JSON.stringify({ code, message }) });
const UNKNOWN_TRANSPORT = refusal(0, "Transport unknown");
const UNKNOWN_SESSION = refusal(1, "Session ID unknown");
const HANDSHAKE_METHOD = refusal(2, "Bad handshake method");
const BAD_REQUEST = refusal(3, "Bad request");
const PROTOCOL_VERSION = refusal(5, "Unsupported protocol version");
const OK = { status: 200, type: "text/html", body: "ok" };
const NOTHING = { status: 400, type: undefined, body: "" };

/** Requests that belong to no session. */
const STRANGERS = [
  { name: "a handshake", query: "EIO=4&transport=polling", answer: { status: 200, type: TEXT, body: HANDSHAKE } },
  {
    name: "the last of two values counts",
    query: "EIO=3&EIO=4&transport=x&transport=polling",
    answer: { status: 200, type: TEXT, body: HANDSHAKE },
  },
  {
    name: "a path below ours",
    path: "/engine.io/x",
    query: "EIO=4&transport=polling",
    answer: { status: 200, type: TEXT, body: HANDSHAKE },
  },
  { name: "no transport", query: "EIO=4", answer: UNKNOWN_TRANSPORT },
  { name: "an unknown transport", query: "EIO=4&transport=carrier-pigeon", answer: UNKNOWN_TRANSPORT },
  { name: "WebTransport over HTTP", query: "EIO=4&transport=webtransport", answer: UNKNOWN_TRANSPORT },
  { name: "nothing at all", query: "", answer: UNKNOWN_TRANSPORT },
  { name: "an unknown session", query: "EIO=4&transport=polling&sid=aaaaaaaaaaaaaaaaaaaa", answer: UNKNOWN_SESSION },
  { name: "an id that no session can have", query: "EIO=4&transport=polling&sid=%00", answer: UNKNOWN_SESSION },
  {
    name: "a POST to an unknown session",
    method: "POST",
    body: "4a",
    query: "EIO=4&transport=polling&sid=nobody",
    answer: UNKNOWN_SESSION,
  },
  { name: "a handshake by POST", method: "POST", query: "EIO=4&transport=polling", answer: HANDSHAKE_METHOD },
  { name: "a handshake by PUT", method: "PUT", query: "EIO=4&transport=polling", answer: HANDSHAKE_METHOD },
  { name: "a WebSocket without an upgrade", query: "EIO=4&transport=websocket", answer: BAD_REQUEST },
  { name: "protocol 2", query: "EIO=2&transport=polling", answer: PROTOCOL_VERSION },
  { name: "protocol 5", query: "EIO=5&transport=polling", answer: PROTOCOL_VERSION },
  { name: "protocol 3 where it is not let in", query: "EIO=3&transport=polling", answer: PROTOCOL_VERSION },
  { name: "no protocol, which is 3", query: "transport=polling", answer: PROTOCOL_VERSION },
];

/** One request to a session that is open and idle; is it open afterwards? */
const GUESTS = [
  {
    name: "a packet",
    method: "POST",
    body: "4hello",
    answer: OK,
    open: true,
  },
  {
    name: "several packets",
    method: "POST",
    body: "4a\x1ebAQID\x1e4b",
    answer: OK,
    open: true,
  },
  {
    name: "a close packet",
    method: "POST",
    body: "1",
    answer: OK,
    open: false,
  },
  { name: "a ping, which is the server's", method: "POST", body: "2", answer: OK, open: false },
  { name: "a probe by polling", method: "POST", body: "2probe", answer: OK, open: false },
  {
    name: "a body past the limit",
    method: "POST",
    body: "4" + "x".repeat(MAX_PAYLOAD),
    answer: { ...NOTHING, status: 413 },
    open: true,
  },
  {
    name: "bytes where only text goes",
    method: "POST",
    body: "4hello",
    headers: { "content-type": "application/octet-stream" },
    answer: NOTHING,
    open: false,
  },
  { name: "another transport", query: "EIO=4&transport=websocket", answer: BAD_REQUEST, open: true },
  { name: "another protocol", query: "EIO=3&transport=polling", answer: BAD_REQUEST, open: true },
  { name: "a PUT", method: "PUT", answer: { ...NOTHING, status: 500 }, open: true },
  { name: "a DELETE", method: "DELETE", answer: { ...NOTHING, status: 500 }, open: true },
];

/** Bodies that are no payload: 400 here, `ok` by npm, and the session is over either way. */
const MALFORMED = ["", "7", "x", "4a\x1e", "\x1e4a", "4a\x1e9", "\u{1f600}"];

/** Upgrades that come to nothing: the answer is HTTP, its body the bare message. */
const UPGRADES = [
  { name: "no transport", query: "EIO=4", body: "Transport unknown" },
  {
    name: "an unknown session",
    query: "EIO=4&transport=websocket&sid=aaaaaaaaaaaaaaaaaaaa",
    body: "Session ID unknown",
  },
  { name: "an upgrade to polling", query: "EIO=4&transport=polling", body: "Bad request", npm: /^HTTP\/1.1 101 / },
  {
    name: "protocol 2",
    query: "EIO=2&transport=websocket",
    body: "Unsupported protocol version",
    npm: /^HTTP\/1.1 101 /,
  },
];

for (const subject of SUBJECTS) {
  describe(`what a server on ${subject} answers`, () => {
    let server;
    before(async () => {
      server = await serve(subject, { ALLOW_EIO3: "0" });
    });
    after(() => server.stop());

    for (const { name, method, path, query, body, answer } of STRANGERS) {
      test(name, async () => {
        const said = await ask(server, { method, path, query, body });
        matches(said, answer);
        if (answer.status === 200) {
          assert.equal(said.headers["content-length"], `${said.body.length}`);
          assert.equal(said.headers["cache-control"], "no-store");
        }
      });
    }

    test("paths that only look like ours belong to somebody else", async () => {
      for (const path of ["/engine.iox/", "/Engine.IO/", "/engine.io"]) {
        const { status } = await settledOrGone(ask(server, { path, query: "EIO=4&transport=polling" }), 404);
        assert.equal(status, 404, path);
      }
    });

    for (const { name, method, query, body, headers, answer, open } of GUESTS) {
      test(`${name}, for a session`, async () => {
        const { sid } = await handshake(server);
        matches(await ask(server, { method, query: query ?? "EIO=4&transport=polling", sid, body, headers }), answer);
        assert.equal(await isOpen(server, sid), open);
      });
    }

    for (const body of MALFORMED) {
      test(`the body ${JSON.stringify(body)} ends a session`, async () => {
        const { sid } = await handshake(server);
        const { status } = await ask(server, { method: "POST", query: "EIO=4&transport=polling", sid, body });
        assert.equal(status, subject === "npm" ? 200 : 400);
        assert.equal(await isOpen(server, sid), false);
      });
    }

    test("a second poll gets nothing, the first the end", async () => {
      const { sid } = await handshake(server);
      const poll = { query: "EIO=4&transport=polling", sid };
      const first = ask(server, poll);
      await setTimeout(100);
      matches(await ask(server, poll), NOTHING);
      matches(await first, { status: 200, type: TEXT, body: "1" });
      matches(await ask(server, poll), UNKNOWN_SESSION);
    });

    test("a second body while the first is being read gets nothing, and the session ends", async () => {
      const { sid } = await handshake(server);
      const post = { method: "POST", query: "EIO=4&transport=polling", sid };
      const half = begin(server, { ...post, headers: { "content-length": "7" } });
      half.on("error", () => {});
      half.write("4h");
      await setTimeout(100);
      matches(await ask(server, { ...post, body: "4a" }), NOTHING);
      half.destroy();
      assert.equal(await isOpen(server, sid), false);
    });

    test("a goodbye releases the poll with a noop", async () => {
      const { sid } = await handshake(server);
      const poll = ask(server, { query: "EIO=4&transport=polling", sid });
      await setTimeout(100);
      matches(await ask(server, { method: "POST", query: "EIO=4&transport=polling", sid, body: "1" }), {
        status: 200,
        type: "text/html",
        body: "ok",
      });
      matches(await poll, { status: 200, type: TEXT, body: "6" });
      matches(await ask(server, { query: "EIO=4&transport=polling", sid }), UNKNOWN_SESSION);
    });

    test("a client that drops its poll is gone", async () => {
      const { sid } = await handshake(server);
      const poll = begin(server, { query: "EIO=4&transport=polling", sid });
      poll.on("error", () => {});
      poll.end();
      await setTimeout(100);
      poll.destroy();
      while (await isOpen(server, sid)) await setTimeout(50);
    });

    for (const { name, query, body, npm } of UPGRADES) {
      test(`an upgrade, ${name}`, async () => {
        const said = await upgrade(server, query);
        if (subject === "npm" && npm) return assert.match(said, npm);
        assert.match(said, /^HTTP\/1\.1 400 Bad Request\r\n/);
        assert.match(said, /\r\nConnection: close\r\n/i);
        assert.match(said, /\r\nContent-type: text\/html\r\n/i);
        assert.ok(said.endsWith(`\r\n\r\n${body}`), said);
      });
    }

    test("who went on to a WebSocket polls no more, and has one", async () => {
      const { sid } = await handshake(server);
      const url = `${server.url.replace("http:", "ws:")}/engine.io/?EIO=4&transport=websocket&sid=${sid}`;
      const socket = new WebSocket(url);
      await once(socket, "open");
      socket.send("2probe");
      assert.equal(`${(await once(socket, "message"))[0]}`, "3probe");
      socket.send("5");
      socket.send("4first");
      assert.equal(`${(await once(socket, "message"))[0]}`, "4first");
      matches(await ask(server, { query: "EIO=4&transport=polling", sid }), BAD_REQUEST);
      const second = new WebSocket(url);
      second.on("error", () => {});
      await new Promise((resolve) => second.on("close", resolve));
      socket.send("4still here");
      assert.equal(`${(await once(socket, "message"))[0]}`, "4still here");
      socket.terminate();
    });

    test("long answers are compressed for those who ask, short ones are not", async () => {
      for (const [encoding, length, said] of [
        ["gzip", 5000, "gzip"],
        ["deflate", 5000, "deflate"],
        ["gzip", 500, undefined],
        ["identity", 5000, undefined],
      ]) {
        const { sid } = await handshake(server);
        const session = { query: "EIO=4&transport=polling", sid };
        await ask(server, { ...session, method: "POST", body: "4" + "x".repeat(length) });
        const { status, headers } = await ask(server, { ...session, headers: { "accept-encoding": encoding } });
        assert.equal(status, 200);
        assert.equal(headers["content-encoding"], said);
      }
    });
  });

  describe(`protocol 3, server on ${subject}`, () => {
    let server;
    before(async () => {
      server = await serve(subject);
    });
    after(() => server.stop());

    for (const query of ["EIO=3&transport=polling", "transport=polling"]) {
      test(`${query} is let in, and bytes go as bytes`, async () => {
        const { sid, body } = await handshake(server, query);
        assert.match(body, /^\d+:0\{"sid":"[\w-]{20}",.*\}$/);
        await ask(server, { method: "POST", query, sid, body: "6:4hello6:b4AQID" });
        const { headers, bytes } = await ask(server, { query, sid });
        assert.equal(headers["content-type"], "application/octet-stream");
        assert.deepEqual([...bytes], [0, 6, 255, ...Buffer.from("4hello"), 1, 4, 255, 4, 1, 2, 3]);
      });
    }

    test("b64 asks for text, and JSONP for a script", async () => {
      const text = await handshake(server, "EIO=3&transport=polling&b64=1");
      await ask(server, { method: "POST", query: "EIO=3&transport=polling", sid: text.sid, body: "6:b4AQID" });
      const answer = await ask(server, { query: "EIO=3&transport=polling", sid: text.sid });
      matches(answer, { status: 200, type: TEXT, body: "6:b4AQID" });
      const script = await ask(server, { query: "EIO=3&transport=polling&j=7&b64=1" });
      assert.match(script.body, /^___eio\[7\]\("\d+:0\{\\"sid\\":.*\}"\);$/);
    });
  });

  describe(`origins and cookies, server on ${subject}`, () => {
    const handshaken = { query: "EIO=4&transport=polling" };

    test("every origin may read the answers, refusals too", async () => {
      const server = await serve(subject);
      for (const query of ["EIO=4&transport=polling", "EIO=4"]) {
        const { headers } = await ask(server, { query, headers: { origin: "https://a.example" } });
        assert.equal(headers["access-control-allow-origin"], "*");
      }
      const preflight = await ask(server, {
        ...handshaken,
        method: "OPTIONS",
        headers: {
          origin: "https://a.example",
          "access-control-request-method": "POST",
          "access-control-request-headers": "x-who",
        },
      });
      assert.equal(preflight.status, 204);
      assert.match(preflight.headers["access-control-allow-methods"], /\bPOST\b/);
      assert.equal(preflight.headers["access-control-allow-headers"], "x-who");
      await server.stop();
    });

    test("or only one may, and others are not let in", async () => {
      const server = await serve(subject, { ORIGIN: "https://a.example" });
      const right = await ask(server, { ...handshaken, headers: { origin: "https://a.example" } });
      assert.equal(right.status, 200);
      assert.equal(right.headers["access-control-allow-origin"], "https://a.example");
      assert.match(right.headers.vary, /\bOrigin\b/);
      const wrong = await ask(server, { ...handshaken, headers: { origin: "https://b.example" } });
      matches(wrong, refusal(4, "this origin is not let in", 403));
      assert.notEqual(wrong.headers["access-control-allow-origin"], "https://b.example");
      await server.stop();
    });

    test("the cookie comes with the handshake, and only with it", async () => {
      const server = await serve(subject, { COOKIE: "io" });
      const { sid, headers } = await handshake(server);
      const [cookie] = headers["set-cookie"];
      assert.deepEqual(cookie.split("; ").sort(), ["HttpOnly", "Path=/", "SameSite=Lax", `io=${sid}`]);
      const post = await ask(server, { ...handshaken, method: "POST", sid, body: "4a" });
      assert.equal(post.headers["set-cookie"], undefined);
      await server.stop();
    });
  });
}

/** Begins a request. */
function begin(server, { method = "GET", path = "/engine.io/", query, sid, headers }) {
  const target = `${server.url}${path}?${query}${sid === undefined ? "" : `&sid=${sid}`}`;
  return httpRequest(target, { method, headers, agent: false });
}

/** Makes a request; resolves with the answer. */
async function ask(server, { body, ...wanted }) {
  const request = begin(server, wanted);
  request.end(body);
  const [response] = await once(request, "response");
  const chunks = await response.toArray();
  const bytes = Buffer.concat(chunks);
  return { status: response.statusCode, headers: response.headers, bytes, body: bytes.toString() };
}

/** A new session. */
async function handshake(server, query = "EIO=4&transport=polling") {
  const { status, headers, body } = await ask(server, { query });
  assert.equal(status, 200, body);
  return { sid: JSON.parse(body.slice(body.indexOf("{"))).sid, headers, body };
}

/** Is the session open? Asked with a message: it changes nothing but that it comes back. */
async function isOpen(server, sid) {
  const { status, body } = await ask(server, {
    method: "POST",
    query: "EIO=4&transport=polling",
    sid,
    body: "4there?",
  });
  if (status === 200) return true;
  assert.equal(JSON.parse(body).code, 1);
  return false;
}

/** What is said, all of it, to somebody who asks for a WebSocket. */
async function upgrade(server, query) {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const head = [
    `GET /engine.io/?${query} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const [first] = await once(socket, "data");
  // npm's server leaves some of these connections open.
  if (`${first}`.startsWith("HTTP/1.1 101 ")) return socket.destroy() && `${first}`;
  return Buffer.concat([first, ...(await socket.toArray())]).toString();
}

function matches(said, { status, type, body }) {
  assert.equal(said.status, status, said.body);
  assert.equal(said.headers["content-type"], type);
  if (body instanceof RegExp) assert.match(said.body, body);
  else assert.equal(said.body, body);
}

/** npm's server leaves requests that are not its own to others; here nobody else answers. */
function settledOrGone(answer, status) {
  return Promise.race([answer, setTimeout(1000, { status }, { ref: false })]);
}
