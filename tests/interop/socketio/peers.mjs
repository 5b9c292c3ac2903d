// npm's clients in Node, and what is said with them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { io } from "socket.io-client";
import io2 from "socket.io-client-2";
import * as msgpack from "socket.io-msgpack-parser";

import { ask, connected } from "./asking.mjs";

export { ask, connected, ended, hear, notes, take } from "./asking.mjs";

/** How a client may travel. */
export const WAYS = [
  { way: "polling", transports: ["polling"] },
  { way: "websocket", transports: ["websocket"] },
  { way: "upgrade", transports: ["polling", "websocket"] },
];

const MSGPACK = { settings: { PARSER: "msgpack" }, options: { parser: msgpack } };

/** The clients: npm socket.io-client 4.8 and 2.5, and the first with the parser of MessagePack. */
export const CLIENTS = [
  { name: "socket.io-client 4.8", version: 4, settings: {}, options: {} },
  { name: "socket.io-client 2.5", version: 2, settings: {}, options: {} },
  { name: "socket.io-client 4.8, MessagePack", version: 4, ...MSGPACK },
];

/** Clients that try again shall not make anybody wait. */
export const EAGER = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 };

/** A client that begins to connect, by a connection of its own, and only once. */
export function begin(version, url, options = {}) {
  const all = { forceNew: true, reconnection: false, ...options };
  return version === 2 ? io2(url, all) : io(url, all);
}

/** A client that is connected, and travels as it should. */
export async function meet(version, url, options = {}) {
  const socket = begin(version, url, options);
  await connected(socket);
  const { engine } = socket.io;
  if (engine.transport.name !== (options.transports ?? ["websocket"]).at(-1)) await once(engine, "upgrade");
  return socket;
}

/** Resolves once `socket` hears from the server why the one with this id was disconnected, `times` times. */
export async function serverSaid(socket, id, times = 1) {
  for (;;) {
    const reasons = await ask(socket, "disconnects", id);
    if (reasons.length >= times) return reasons;
    await setTimeout(50);
  }
}

/** Are these the same? Bytes are compared as bytes, however they are wrapped. */
export function same(there, here) {
  assert.deepEqual(plain(there), plain(here));
}

function plain(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
