// npm `ws` on the other side: as client of `sansocket serve`, as server of our clients.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";

import { sent, take, wholeDialogue } from "./dialogue.mjs";
import { LARGEST, RUNTIMES, connect, runClient, serve } from "./sansocket.mjs";

/** What a client may offer, and what the answer has to hold. Threshold 0: even the shortest message is compressed. */
const OFFERS = [
  { name: "no compression", offer: false, answer: /^$/ },
  { name: "permessage-deflate", offer: {}, answer: /^permessage-deflate/ },
  { name: "server window of 9 bits", offer: { serverMaxWindowBits: 9 }, answer: /server_max_window_bits=9\b/ },
  { name: "server window of 15 bits", offer: { serverMaxWindowBits: 15 }, answer: /^permessage-deflate/ },
  { name: "client window of 9 bits", offer: { clientMaxWindowBits: 9 }, answer: /^permessage-deflate/ },
  { name: "client window of 15 bits", offer: { clientMaxWindowBits: 15 }, answer: /^permessage-deflate/ },
  {
    name: "no server context takeover",
    offer: { serverNoContextTakeover: true },
    answer: /server_no_context_takeover/,
  },
  { name: "no client context takeover", offer: { clientNoContextTakeover: true }, answer: /^permessage-deflate/ },
  {
    name: "all of it at its smallest",
    offer: {
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 9,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
    answer: /server_max_window_bits=9\b/,
  },
];

/** What a server may insist on. */
const CHOICES = [
  { name: "no compression", choice: false },
  { name: "permessage-deflate", choice: {} },
  { name: "server window of 9 bits", choice: { serverMaxWindowBits: 9 } },
  { name: "client window of 9 bits", choice: { clientMaxWindowBits: 9 } },
  { name: "both windows of 15 bits", choice: { serverMaxWindowBits: 15, clientMaxWindowBits: 15 } },
  { name: "no server context takeover", choice: { serverNoContextTakeover: true } },
  { name: "no client context takeover", choice: { clientNoContextTakeover: true } },
];

for (const runtime of RUNTIMES) {
  describe(`npm ws as client of serve --runtime ${runtime}`, () => {
    let server;
    before(async () => {
      server = await serve(runtime, "--deflate", "on");
    });
    after(() => server.stop());

    for (const { name, offer, answer } of OFFERS) {
      test(name, async () => {
        const [socket, extensions] = await opened(server.url, offer && { threshold: 0, ...offer });
        assert.match(extensions, answer);
        await wholeDialogue(socket);
      });
    }

    test("what compresses well takes few bytes on the wire", async () => {
      const text = "a".repeat(100_000);
      const [compressed] = await opened(server.url, {});
      const [plain] = await opened(server.url, false);
      assert.ok((await bytesToReceive(compressed, text)) < text.length / 10);
      assert.ok((await bytesToReceive(plain, text)) > text.length);
      compressed.terminate();
      plain.terminate();
    });

    test("a message past the limit is closed with 1009", async () => {
      const [socket] = await opened(server.url, false);
      const closed = once(socket, "close");
      socket.send(Buffer.alloc(LARGEST + 1));
      assert.equal((await closed)[0], 1009);
    });

    test("SIGTERM closes what is open with 1001, within two seconds", async () => {
      const short = await serve(runtime);
      const [socket] = await opened(short.url, false);
      const closed = once(socket, "close");
      const { milliseconds } = await short.stop();
      assert.equal((await closed)[0], 1001);
      assert.ok(milliseconds < 2000, `${milliseconds} ms`);
    });
  });

  describe(`npm ws as client of serve --runtime ${runtime} --deflate off`, () => {
    test("an offer is passed over", async () => {
      const server = await serve(runtime, "--deflate", "off");
      const [socket, extensions] = await opened(server.url, { threshold: 0 });
      assert.equal(extensions, "");
      await wholeDialogue(socket);
      await server.stop();
    });
  });

  describe(`npm ws as server of the ${runtime} client`, () => {
    for (const { name, choice } of CHOICES) {
      test(name, async () => {
        // Our echoing client is the one that speaks with the Autobahn suite: how many cases, each case, the end.
        const server = new WebSocketServer({
          host: "127.0.0.1",
          port: 0,
          perMessageDeflate: choice && { threshold: 0, ...choice },
        });
        await once(server, "listening");
        const extensions = [];
        const said = new Promise((resolve, reject) => {
          server.on("connection", (socket, request) => {
            if (request.url.startsWith("/runCase")) {
              extensions.push(socket.extensions);
              wholeDialogue(socket).then(resolve, reject);
            } else {
              if (request.url.startsWith("/getCaseCount")) socket.send("1");
              socket.close(1000);
            }
          });
        });
        const code = runClient(runtime, `ws://127.0.0.1:${server.address().port}`);
        const early = code.then((code) => assert.fail(`the client ended first, with ${code}`));
        await Promise.race([said, early]);
        assert.equal(await code, 0);
        assert.deepEqual(extensions, [choice ? "permessage-deflate" : ""]);
        server.close();
      });
    }
  });

  describe(`sansocket connect --runtime ${runtime} with an npm ws server`, () => {
    let server;
    before(async () => {
      server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: (offered) => [...offered][0] ?? false });
      await once(server, "listening");
    });
    after(() => server.close());

    test("lines go out, messages come in, the end of input closes with 1000", async () => {
      const accepted = once(server, "connection");
      const client = connect(runtime, `ws://127.0.0.1:${server.address().port}/`);
      const [socket] = await accepted;
      const heard = take(socket, 2);
      client.write("first line");
      client.write("zweite Zeile ü");
      assert.deepEqual(await heard, ["first line", "zweite Zeile ü"]);
      const closed = once(socket, "close");
      socket.send("an answer");
      assert.match(await client.read(), /an answer/);
      client.end();
      assert.equal((await closed)[0], 1000);
      assert.equal(await client.exitCode(), 0);
    });

    test("--binary sends bytes", async () => {
      const accepted = once(server, "connection");
      const client = connect(runtime, `ws://127.0.0.1:${server.address().port}/`, "--binary");
      const [socket] = await accepted;
      const heard = take(socket, 1);
      client.write("bytes");
      assert.deepEqual(await heard, [Buffer.from("bytes")]);
      socket.terminate();
      assert.equal(await client.exitCode(), 4);
    });

    test("--protocol and --header reach the server, and its close code becomes the exit code", async () => {
      const accepted = once(server, "connection");
      const options = ["--protocol", "chat", "--header", "X-Who: me"];
      const client = connect(runtime, `ws://127.0.0.1:${server.address().port}/`, ...options);
      const [socket, request] = await accepted;
      assert.equal(socket.protocol, "chat");
      assert.equal(request.headers["x-who"], "me");
      socket.close(4005, "go home");
      assert.equal(await client.exitCode(), 3);
    });
  });
}

/** An open client connection, and the extensions that the server agreed to. */
async function opened(url, perMessageDeflate) {
  const socket = new WebSocket(url, { perMessageDeflate });
  const [answer] = await Promise.race([
    once(socket, "upgrade"),
    once(socket, "error").then(([error]) => Promise.reject(error)),
  ]);
  if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
  return [socket, answer.headers["sec-websocket-extensions"] ?? ""];
}

/** What the echo of `text` takes on the wire. */
async function bytesToReceive(socket, text) {
  const before = socket._socket.bytesRead;
  assert.equal(await sent(socket, text), text);
  return socket._socket.bytesRead - before;
}
