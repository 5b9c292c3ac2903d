// Headless Chromium on the page that `sansocket serve` shows for its WebSocket echo, and on that echo.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { browser } from "./browser.mjs";
import { LARGEST, RUNTIMES, serve } from "./sansocket.mjs";

const chromium = browser();

for (const runtime of RUNTIMES) {
  for (const deflate of ["off", "on"]) {
    describe(`serve --runtime ${runtime} --deflate ${deflate}`, () => {
      let server, page;
      const complaints = [];
      before(async () => {
        server = await serve(runtime, "--deflate", deflate);
        page = await chromium.newPage();
        page.on("pageerror", (error) => complaints.push(error.message));
        page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      });
      after(async () => {
        await page.close();
        await server.stop();
      });

      test("a person connects, sends text and bytes, and closes", async () => {
        await page.goto(`${server.page}/ws`);
        const state = page.locator("#state");
        await page.locator("#connect").click();
        await state.filter({ hasText: /^connected/ }).waitFor();
        assert.equal(/permessage-deflate/.test(await state.textContent()), deflate === "on");

        await page.locator("#message").fill("Grüße 🦊");
        await page.locator("#send").click();
        await page.locator("#log .in", { hasText: "Grüße 🦊" }).waitFor();
        await page.locator("#message").fill("AB");
        await page.locator("#send-binary").click();
        await page.locator("#log .in", { hasText: "41 42" }).waitFor();

        await page.locator("#close-code").fill("4002");
        await page.locator("#close").click();
        await state.filter({ hasText: "4002" }).waitFor();
        assert.deepEqual(complaints, []);
      });

      test("the browser's WebSocket gets back what it sends, byte for byte", async () => {
        const result = await page.evaluate(converse, server.url);
        assert.deepEqual(result, { wrong: [], code: 4001, wasClean: true });
      });

      test("the browser is told 1009 for a message past the limit", async () => {
        const code = await page.evaluate(
          ([url, length]) =>
            new Promise((resolve) => {
              const socket = new WebSocket(url);
              socket.onopen = () => socket.send(new Uint8Array(length));
              socket.onclose = (event) => resolve(event.code);
            }),
          [server.url, LARGEST + 1],
        );
        assert.equal(code, 1009);
      });
    });
  }
}

/** Runs in the browser: says several things, counts the echoes that differ, and closes. */
function converse(url) {
  const texts = ["", "Hello", "ü – 日本語 – 𝄞", "x".repeat(70_000)];
  const lengths = [0, 1, 125, 126, 65535, 65536, 900_000];
  const random = (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    return bytes;
  };
  const messages = [...texts, ...lengths.map(random)];
  const alike = (a, b) =>
    typeof a === "string"
      ? a === b
      : a.length === b.byteLength && new Uint8Array(b).every((byte, at) => byte === a[at]);
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const wrong = [];
    let at = 0;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => messages.forEach((message) => socket.send(message));
    socket.onmessage = (event) => {
      if (!alike(messages[at], event.data)) wrong.push(at);
      if (++at === messages.length) socket.close(4001, "enough said");
    };
    socket.onclose = ({ code, wasClean }) => resolve({ wrong, code, wasClean });
  });
}
