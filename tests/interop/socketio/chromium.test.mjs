// The browser bundles of socket.io-client in headless Chromium, as `sansocket serve` hands them out.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { browser } from "../browser.mjs";
import { digest, made } from "./application.mjs";
import { CLIENTS, ask, meet, same } from "./peers.mjs";
import { SUBJECTS, serve } from "./subjects.mjs";

const chromium = browser();

const TEXT = 'ü – 日本語 – 𝄞 \u2028 \\n \n "';
const VALUES = [null, true, -1.5, 2 ** 40, "", TEXT, [], [[1, [2]]], { "": 0, a: { b: [null, TEXT] } }];
const MEBIBYTE = 1 << 20;
/** A browser's own words for a server or a session that is gone are no complaint of the page. */
const GONE = /net::ERR_|WebSocket connection to|status of 400/;

const WAYS = [
  { way: "upgrade", options: {}, travelled: ["opened by polling", "upgraded to websocket"] },
  { way: "websocket", options: { transports: ["websocket"] }, travelled: ["opened by websocket"] },
  { way: "polling", options: { transports: ["polling"] }, travelled: ["opened by polling"] },
];
/** How old browsers poll another origin: by script tags and forms. */
const JSONP = {
  way: "JSONP",
  options: { transports: ["polling"], forceJSONP: true },
  travelled: ["opened by polling"],
  // That client passes every byte of a buffer as an argument.
  length: 1 << 16,
};
/** Old clients bring their cookies unless they are told: none are wanted where every origin is let in. */
const STRANGER = { withCredentials: false };

/** The bundles of the clients, how they may travel, and which kinds of bytes they take. */
const BUNDLES = [
  { file: "socket.io-client/dist/socket.io.min.js", ways: WAYS, kinds: ["ArrayBuffer", "Uint8Array", "Blob"] },
  { file: "socket.io-client-2/dist/socket.io.js", ways: [...WAYS, JSONP], kinds: ["ArrayBuffer", "Blob"] },
  { file: "socket.io-client/dist/socket.io.msgpack.min.js", ways: WAYS, kinds: ["ArrayBuffer"] },
].map((bundle, at) => ({ ...bundle, ...CLIENTS[at], file: beside(`../node_modules/${bundle.file}`) }));

/** Lets the tests find what `visitor.mjs` has. */
const VISITOR = 'import * as visitor from "/visitor.mjs"; Object.assign(window, { visitor });';

for (const subject of SUBJECTS) {
  for (const { name, version, settings, options: parser, file, ways, kinds } of BUNDLES) {
    describe(`the bundle of ${name} in Chromium, server on ${subject}`, () => {
      const start = (more) => serve(subject, { CLIENT_BUNDLE: file, ...settings, ...more });
      const complaints = [];
      let server, page;
      before(async () => {
        server = await start();
        page = await open(server);
      });
      after(async () => {
        await page.close();
        await server.stop();
      });

      /** A page with the bundle that the server has, of its origin or another. */
      async function open(server, origin = server.url) {
        const page = await chromium.newPage();
        page.on("pageerror", (error) => complaints.push(error.stack));
        page.on("console", (message) => {
          if (message.type() === "error" && !GONE.test(message.text())) complaints.push(message.text());
        });
        const bundle = `${server.url}/socket.io/socket.io.js`;
        // npm's server has its own only.
        if (subject === "npm") await page.route(bundle, (route) => route.fulfill({ path: file }));
        await page.route(`${origin}/*.mjs`, async (route) => {
          const body = await readFile(beside(new URL(route.request().url()).pathname.slice(1)));
          await route.fulfill({ contentType: "text/javascript", body });
        });
        // A script to look at: unlike other pages of that origin it forbids nothing.
        await page.goto(`${origin}/client.js`);
        await page.addScriptTag({ url: bundle });
        await page.addScriptTag({ type: "module", content: VISITOR });
        await page.waitForFunction(() => window.visitor);
        // From here on nobody stands between the page and the server.
        await page.unrouteAll();
        return page;
      }

      for (const { way, options, travelled, length = MEBIBYTE } of ways) {
        test(`${way}: what it says comes back, and both sides answer`, async () => {
          const said = await run(page, "converse", options, travelled.length, VALUES);
          const transport = travelled.at(-1).split(" ").at(-1);
          assert.deepEqual(said, {
            travelled,
            transport,
            known: true,
            back: [VALUES, []],
            answer: VALUES,
            reply: { reply: { heard: VALUES } },
            nobody: { timeout: true },
          });
        });

        test(`${way}: many bytes, deep inside, both ways`, async () => {
          const had = await run(page, "exchange", options, travelled.length, kinds, length);
          const value = { list: [{ bytes: made(length) }, "beside"], more: [made(5), { bytes: made(0) }] };
          const [whole, filled] = [value, { n: length, nested: [{ data: made(length) }] }].map(digest);
          assert.deepEqual(had, { sent: kinds.map(() => whole), replied: whole, received: whole, made: filled });
        });

        test(`${way}: who leaves or is put out can come back`, async () => {
          const had = await run(page, "comeAndGo", options, travelled.length);
          assert.deepEqual(had, { reasons: ["io client disconnect", "io server disconnect"], ids: 3 });
        });

        test(`${way}: it survives that the server is started again`, async () => {
          const first = await start();
          const page = await open(first);
          const visit = await hold(page, options, travelled.length);
          await visit.evaluate(({ socket }) => void (window.end = visitor.ended(socket)));
          await first.stop();
          assert.match(await page.evaluate(() => end), /^transport (close|error)$/);
          const answers = visit.evaluate(({ socket }) =>
            // Kept until there is somebody to tell.
            Promise.all([1, 2, 3].map((n) => visitor.ask(socket, "message-with-ack", n))),
          );
          const second = await start({ PORT: first.port });
          assert.deepEqual(await answers, [1, 2, 3]);
          await page.close();
          await second.stop();
        });
      }

      // Before revision 5 nothing is recovered.
      for (const { way, options, travelled } of version === 4 ? ways : []) {
        // npm's server does not take over a session whose end it has not noticed.
        const skip = subject === "npm" && way === "polling";
        test(`${way}: who loses the network misses nothing`, { skip }, async () => {
          const patient = await start({ RECOVERY_MS: "600000" });
          const page = await open(patient);
          const visit = await hold(page, options, travelled.length);
          const other = await meet(4, patient.url, parser);
          await visit.evaluate(async ({ socket }) => {
            Object.assign(window, { heard: visitor.notes(socket, "said"), end: visitor.ended(socket) });
            await visitor.ask(socket, "join", "kitchen");
          });
          await ask(other, "to-room", "kitchen", "said", "before");
          const id = await visit.evaluate(({ socket }) => visitor.ask(socket, "id"));
          await page.context().setOffline(true);
          await page.evaluate(() => end);
          for (const value of ["one", { two: [TEXT] }]) await ask(other, "to-room", "kitchen", "said", value);
          const back = visit.evaluate(({ socket }) => new Promise((resolve) => socket.once("connect", resolve)));
          await page.context().setOffline(false);
          await back;
          await ask(other, "to-room", "kitchen", "said", "after");
          const kept = await visit.evaluate(async ({ socket }) => {
            const [id, rooms] = [await visitor.ask(socket, "id"), await visitor.ask(socket, "rooms")];
            return { recovered: socket.recovered, id, rooms, heard };
          });
          same(kept, { recovered: true, id, rooms: ["kitchen"], heard: ["before", "one", { two: [TEXT] }, "after"] });
          await page.close();
          other.close();
          await patient.stop();
        });
      }

      test("a page of another origin is served as well", async () => {
        const stranger = await open(server, server.url.replace("127.0.0.1", "localhost"));
        for (const { options, travelled } of ways) {
          const abroad = { ...options, ...STRANGER, url: server.url };
          const said = await run(stranger, "converse", abroad, travelled.length, VALUES);
          assert.deepEqual([said.travelled, said.back], [travelled, [VALUES, []]]);
        }
        await stranger.close();
      });

      test("nobody complained", () => assert.deepEqual(complaints, []));
    });
  }
}

/** Lets the visitor do that, and resolves with what came of it. */
function run(page, what, ...args) {
  return page.evaluate(({ what, args }) => visitor[what](...args), { what, args });
}

/** A visitor who has met the server, to be talked to. */
function hold(page, options, steps) {
  return page.evaluateHandle(({ options, steps }) => visitor.meet(options, steps), { options, steps });
}

function beside(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
