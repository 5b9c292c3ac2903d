// What an echoing peer gives back, whichever side it is on: `session` is an npm Socket, a client's or a server's, for
// both have `send`, "message" and "close".

import assert from "node:assert/strict";

/** What every server of these suites takes in one body, and in one WebSocket message. */
export const MAX_PAYLOAD = 100_000;

/** The largest message sent: as base64, with the `b4` of protocol 3 and its length, it fills a body to the brim. */
export const LARGEST = (MAX_PAYLOAD * 3) / 4 - 9;

/**
 * Bytes on their way at most, as base64. JavaScript clients reckon with 1.33 bytes of base64 a byte and forget the `b`:
 * what they take for a full body is too large for the server. So no more is in flight than fits into one.
 */
const WINDOW = MAX_PAYLOAD;

/** Bytes of a message: most are tiny, a few are as large as a message may be. */
function length(number) {
  if (number % 5000 >= 4998) return LARGEST;
  if (number % 500 >= 498) return 3000;
  return 4 + (number % 20);
}

/** The message of that number: even ones are text, odd ones bytes. */
export function numbered(number) {
  if (number % 2 === 1) {
    const bytes = Buffer.alloc(length(number), number);
    bytes.writeUInt32BE(number);
    return bytes;
  }
  const text = `${number} €𝄞`;
  return text + "x".repeat(Math.max(length(number) - Buffer.byteLength(text), 0));
}

/** Is `data`, as npm hands it over, this message? npm has nothing for the empty text. */
export function same(message, data = "") {
  if (typeof message === "string" || typeof data === "string") return message === data;
  return Buffer.compare(message, Buffer.from(data)) === 0;
}

/** Sends the messages 0 to `count` - 1 and takes each back: none lost, none twice, all in order. */
export function exchange(session, count) {
  return new Promise((resolve, reject) => {
    const underWay = [];
    let [sent, heard, bytes] = [0, 0, 0];
    const weight = (message) => Math.ceil(Buffer.byteLength(message) / 3) * 4 + 8;
    function fill() {
      // By halves: who sends one for each that comes wakes everybody for each.
      if (bytes > WINDOW / 2) return;
      while (sent < count) {
        const message = numbered(sent);
        if (bytes > 0 && bytes + weight(message) > WINDOW) break;
        underWay.push(message);
        bytes += weight(message);
        sent += 1;
        session.send(message);
      }
    }
    function hear(data) {
      const message = underWay.shift();
      if (message === undefined || !same(message, data)) {
        return settle(reject, new Error(`in place of message ${heard} came ${String(data).slice(0, 40)}`));
      }
      bytes -= weight(message);
      heard += 1;
      if (heard === count) return settle(resolve);
      fill();
    }
    const closed = (reason) => settle(reject, new Error(`${reason}, after ${heard} of ${count} messages`));
    function settle(how, value) {
      session.off("message", hear).off("close", closed);
      how(value);
    }
    session.on("message", hear).on("close", closed);
    fill();
  });
}

/** One message there, and the next that comes back. */
export async function sent(session, message) {
  const answer = next(session);
  session.send(message);
  return answer;
}

/** The next message. Rejects if the session ends before. */
export function next(session) {
  return new Promise((resolve, reject) => {
    const hear = (data) => settle(resolve, data);
    const closed = (reason) => settle(reject, new Error(`closed: ${reason}`));
    function settle(how, value) {
      session.off("message", hear).off("close", closed);
      how(value);
    }
    session.on("message", hear).on("close", closed);
  });
}

/** Everything that a message may be comes back as it was. */
export async function echoes(session) {
  const texts = [
    "",
    "a",
    "b",
    "bAQID",
    "4",
    "0",
    "1:2",
    'ü – 日本語 – 𝄞 \u2028 \\n \n "',
    "x".repeat(LARGEST),
    "€".repeat(20_000),
  ];
  const lengths = [0, 1, 2, 3, 4, 125, 126, 127, 255, 1024, 65535, 65536, LARGEST];
  const bytes = lengths.map((length) => Buffer.from({ length }, 0).fill(Buffer.from([...Array(256).keys()])));
  for (const message of [...texts, ...bytes]) {
    const back = await sent(session, message);
    assert.ok(same(message, back), `${message.length} of ${typeof message} came back as ${String(back).slice(0, 40)}`);
  }
}
