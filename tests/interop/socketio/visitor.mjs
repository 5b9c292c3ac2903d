// What a page does with the bundle of socket.io-client that it has loaded, whichever that is: runs in Chromium.

import { digest, pattern } from "./application.mjs";
import { ask, connected, ended, hear, take } from "./asking.mjs";

export { ask, connected, ended, hear, notes } from "./asking.mjs";

/** Clients that try again shall not make anybody wait. */
const EAGER = { reconnectionDelay: 50, reconnectionDelayMax: 200 };
/** Where bytes can be in a browser. */
const WRAPS = {
  ArrayBuffer: (bytes) => bytes.buffer,
  Uint8Array: (bytes) => bytes,
  Blob: (bytes) => new Blob([bytes]),
};

/** Resolves with a socket that is connected and has travelled by so many `steps`, and with these. */
export async function meet(options, steps) {
  const socket = io(options.url, { forceNew: true, ...EAGER, ...options });
  const { engine } = socket.io;
  const travelled = [];
  const arrived = new Promise((resolve) => {
    const note = (step) => travelled.push(step) === steps && resolve();
    engine.on("open", () => note(`opened by ${engine.transport.name}`));
    engine.on("upgrade", ({ name }) => note(`upgraded to ${name}`));
  });
  await Promise.all([connected(socket), arrived]);
  return { socket, travelled };
}

/** Says `values`, asks, and is asked; resolves with what came of it. */
export async function converse(options, steps, values) {
  const { socket, travelled } = await meet(options, steps);
  const back = take(socket, "message-back", 2);
  socket.emit("message", ...values);
  socket.emit("message");
  const answer = await new Promise((tell) => socket.emit("message-with-ack", ...values, (...args) => tell(args)));
  socket.once("called", (value, reply) => reply({ heard: value }));
  const reply = await ask(socket, "call-me", values, 60_000);
  const nobody = await ask(socket, "call-me", "hello?", 50);
  const known = (await ask(socket, "id")) === socket.id;
  const result = { travelled, transport: await ask(socket, "transport"), known, back: await back, answer, reply, nobody };
  socket.close();
  return result;
}

/** Sends so many bytes, deep inside, in each of the `kinds`, and gets them; resolves with digests of what arrived. */
export async function exchange(options, steps, kinds, length) {
  const { socket } = await meet(options, steps);
  const values = kinds.map((kind) => {
    const wrap = (n) => WRAPS[kind](pattern(n));
    return { list: [{ bytes: wrap(length) }, "beside"], more: [wrap(5), { bytes: wrap(0) }] };
  });
  const sent = [];
  for (const value of values) sent.push(await ask(socket, "digest", value));
  const back = hear(socket, "message-back");
  socket.emit("message", values[0]);
  const received = digest(await back);
  socket.once("called", (_, reply) => reply(values.at(-1)));
  const replied = digest((await ask(socket, "call-me", "for bytes", 60_000)).reply);
  const made = digest(await ask(socket, "make-binary", length));
  socket.close();
  return { sent, received, replied, made };
}

/** Leaves and comes again, is put out and comes again; resolves with why, and whether it is another one each time. */
export async function comeAndGo(options, steps) {
  const { socket } = await meet(options, steps);
  const [reasons, ids] = [[], [socket.id]];
  for (const leave of [() => socket.disconnect(), () => socket.emit("disconnect-me", true)]) {
    const end = ended(socket);
    leave();
    reasons.push(await end);
    await connected(socket.connect());
    ids.push(await ask(socket, "id"));
  }
  socket.close();
  return { reasons, ids: new Set(ids).size };
}
