// What is said to an echoing peer, whichever side it is on: `socket` is an npm `ws` WebSocket that is open.

import assert from "node:assert/strict";
import { once } from "node:events";
import { randomBytes } from "node:crypto";

/**
 * Lengths on both sides of each step of the length encoding, and of a read. The last leaves room below 1 MiB: noise
 * grows when it is deflated.
 */
const LENGTHS = [0, 1, 2, 15, 16, 125, 126, 127, 1023, 1024, 65535, 65536, 65537, 262144, 900_000];

export async function echoes(socket) {
  for (const text of ["", "a", "Sans socket", "ü – 日本語 – 𝄞", "x".repeat(100_000)]) {
    assert.equal(await sent(socket, text), text);
  }
  for (const length of LENGTHS) {
    for (const bytes of [Buffer.alloc(length, 7), randomBytes(length)]) {
      assert.deepEqual(await sent(socket, bytes), bytes);
    }
  }
}

/** Many messages on the way at once come back in order. */
export async function echoesInOrder(socket) {
  const texts = Array.from({ length: 1000 }, (_, at) => `${at} `.repeat(at % 50));
  const answers = take(socket, texts.length);
  for (const text of texts) socket.send(text);
  assert.deepEqual(await answers, texts);
}

/** A message in fragments, a ping between them, is one message; the ping is answered before it. */
export async function echoesFragments(socket) {
  const seen = [];
  socket.once("pong", (payload) => seen.push(`pong ${payload}`));
  const answer = take(socket, 1).then(([text]) => seen.push(text));
  socket.send("The quick ", { fin: false });
  socket.ping("between");
  socket.send("brown ", { fin: false });
  socket.send("fox 🦊", { fin: true });
  await answer;
  assert.deepEqual(seen, ["pong between", "The quick brown fox 🦊"]);
}

/** Our close code comes back (RFC 6455 §5.5.1: the answer "typically echos the status code"; the reason need not). */
export async function closes(socket) {
  const closed = once(socket, "close");
  socket.close(4001, "enough said");
  assert.equal((await closed)[0], 4001);
}

/** All of it. */
export async function wholeDialogue(socket) {
  await echoes(socket);
  await echoesInOrder(socket);
  await echoesFragments(socket);
  await closes(socket);
}

/** Sends one message; resolves with the next that comes. */
export async function sent(socket, message) {
  const answer = take(socket, 1);
  socket.send(message);
  return (await answer)[0];
}

/** The next `count` messages: strings and Buffers. Rejects if the connection ends before. */
export function take(socket, count) {
  return new Promise((resolve, reject) => {
    const messages = [];
    const onMessage = (data, isBinary) => {
      messages.push(isBinary ? data : data.toString());
      if (messages.length === count) settle(resolve, messages);
    };
    const onClose = (code) => settle(reject, new Error(`closed with ${code} after ${messages.length} messages`));
    const onError = (error) => settle(reject, error);
    function settle(how, value) {
      socket.off("message", onMessage).off("close", onClose).off("error", onError);
      how(value);
    }
    socket.on("message", onMessage).on("close", onClose).on("error", onError);
  });
}
