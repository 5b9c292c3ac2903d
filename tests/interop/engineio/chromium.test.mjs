// The browser bundle of engine.io-client in headless Chromium, on a page of another origin than the server's.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import { browser } from "../browser.mjs";
import { SUBJECTS, serve } from "./subjects.mjs";

const chromium = browser();

/** A page with the bundle, and nothing else. */
let site;
before(async () => {
  const bundle = await readFile(new URL("../node_modules/engine.io-client/dist/engine.io.js", import.meta.url));
  site = createServer((request, response) => {
    const script = request.url === "/engine.io.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(
      script ? bundle : `<!doctype html><link rel="icon" href="data:,"><script src="/engine.io.js"></script>`,
    );
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
});
after(() => {
  site.close();
  site.closeAllConnections();
});

for (const subject of SUBJECTS) {
  describe(`engine.io-client in Chromium, server on ${subject}`, () => {
    let server, page;
    const complaints = [];
    before(async () => {
      server = await serve(subject);
      page = await chromium.newPage();
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      await page.goto(`http://127.0.0.1:${site.address().port}/`);
    });
    after(async () => {
      await page.close();
      await server.stop();
    });

    for (const { name, options, upgraded } of [
      { name: "polling, then a WebSocket", options: {}, upgraded: true },
      { name: "polling", options: { transports: ["polling"] }, upgraded: false },
      { name: "a WebSocket", options: { transports: ["websocket"] }, upgraded: false },
    ]) {
      test(`${name}: it opens, hears its own words and bytes, and closes`, async () => {
        const said = await page.evaluate(converse, { url: server.url, options, upgraded });
        assert.deepEqual(said, { wrong: [], upgraded, reason: "forced close" });
        assert.deepEqual(complaints, []);
      });
    }

    test("a server that ends is heard", async () => {
      const short = await serve(subject);
      const end = page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const socket = eio(url);
            socket.on("upgrade", () => (document.title = "upgraded"));
            socket.on("close", resolve);
          }),
        short.url,
      );
      await page.waitForFunction(() => document.title === "upgraded");
      await short.stop();
      assert.equal(await end, "transport close");
    });
  });
}

/** Runs in the browser: says several things, before and after the upgrade, counts what comes back wrong, and closes. */
function converse({ url, options, upgraded }) {
  const texts = ["", "Hello", "ü – 日本語 – 𝄞", "x".repeat(70_000)];
  const lengths = [0, 1, 125, 126, 65535, 70_000];
  const random = (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    return bytes.buffer;
  };
  const alike = (a, b = "") => {
    if (typeof a === "string" || typeof b === "string") return a === b;
    const [left, right] = [new Uint8Array(a), new Uint8Array(b)];
    return left.length === right.length && left.every((byte, at) => byte === right[at]);
  };
  return new Promise((resolve) => {
    const socket = eio(url, options);
    const wrong = [];
    const underWay = [];
    let [heard, switched] = [0, false];
    const say = (message) => underWay.push(message) && socket.send(message);
    socket.on("upgrade", () => (switched = true));
    socket.on("open", () => say("first"));
    socket.on("message", (data) => {
      if (!alike(underWay.shift(), data)) wrong.push(heard);
      heard += 1;
      const all = [...texts, ...lengths.map(random)];
      // One after the other, from the start again until it travels as it shall.
      if (heard <= all.length || (upgraded && !switched)) say(all[heard % all.length]);
      else socket.close();
    });
    socket.on("close", (reason) => resolve({ wrong, upgraded: switched, reason }));
  });
}
