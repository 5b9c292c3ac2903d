// The application of `sansocket serve`, in the words of npm socket.io: see `crates/cli/src/application/playground.rs`.
// Socket.IO 2 lacks some of it: auth payloads, several rooms at once, exceptions, timeouts, and the answers of a room.

/** Opens the namespaces of `io`, a server of Socket.IO 4 or 2. */
export function application(io) {
  const ends = new Map();
  const open = (socket) => {
    socket.emit("auth", socket.handshake.auth ?? {});
    socket.on("disconnect", (reason) => ends.set(socket.id, [...(ends.get(socket.id) ?? []), reason]));
    socket.on("disconnects", (id, cb) => cb(ends.get(id) ?? []));
    socket.on("disconnect-me", (close) => socket.disconnect(close));
    messages(socket);
    state(socket);
    rooms(socket);
    operators(socket);
  };
  for (const name of ["/", "/custom", /^\/dynamic-\d+$/]) io.of(name).on("connection", open);
  const guarded = io.of("/auth");
  guarded.use((socket, next) => next(isSecret(socket) ? undefined : unauthorized()));
  guarded.on("connection", open);
}

const isSecret = ({ handshake }) => (handshake.auth ?? handshake.query).token === "secret";
const unauthorized = () => Object.assign(new Error("unauthorized"), { data: { code: 401 } });

/** Says back what comes. */
function messages(socket) {
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => args.pop()(...args));
  socket.on("digest", (value, cb) => cb(digest(value)));
  socket.on("make-binary", (n, cb) => cb({ n, nested: [{ data: made(n) }] }));
  socket.on("call-me", (value, time, cb) => {
    const timer = setTimeout(() => cb({ timeout: true }), time);
    socket.emit("called", value, (reply) => {
      clearTimeout(timer);
      cb({ reply });
    });
  });
  socket.on("burst", (n) => {
    for (let number = 0; number < n; number++) socket.emit("burst", number);
  });
  socket.on("volatile-burst", (n) => {
    for (let number = 0; number < n; number++) socket.volatile.emit("vol", number);
    socket.emit("vol-end", n);
  });
}

/** What the server knows of a socket. */
function state(socket) {
  socket.data ??= {};
  socket.on("id", (cb) => cb(socket.id));
  socket.on("transport", (cb) => cb(socket.conn.transport.name));
  socket.on("query", (cb) => cb(socket.handshake.query));
  socket.on("set-data", (value, cb) => {
    socket.data.kept = value;
    cb();
  });
  socket.on("get-data", (cb) => cb(socket.data.kept ?? null));
}

function rooms(socket) {
  socket.on("join", (room, cb) => cb(void socket.join(room)));
  socket.on("leave", (room, cb) => cb(void socket.leave(room)));
  socket.on("rooms", (cb) => {
    const all = socket.rooms instanceof Set ? [...socket.rooms] : Object.keys(socket.rooms);
    cb(all.filter((room) => room !== socket.id).sort());
  });
  socket.on("room-size", (room, cb) => {
    const there = socket.nsp.adapter.rooms;
    cb((there instanceof Map ? there.get(room)?.size : there[room]?.length) ?? 0);
  });
}

/** Says something to many. */
function operators(socket) {
  const { nsp } = socket;
  const said = (cb) => cb();
  socket.on("to-room", (room, event, value, cb) => said(cb, socket.to(room).emit(event, value)));
  socket.on("io-to-room", (room, event, value, cb) => said(cb, nsp.to(room).emit(event, value)));
  socket.on("io-to-room-except", (room, excluded, event, value, cb) =>
    said(cb, nsp.to(room).except(excluded).emit(event, value)),
  );
  socket.on("broadcast", (event, value, cb) => said(cb, socket.broadcast.emit(event, value)));
  socket.on("broadcast-ack", (room, event, value, time, cb) =>
    nsp.to(room).timeout(time).emit(event, value, (error, replies) => cb({ timeout: Boolean(error), replies })),
  );
  socket.on("io-later", (room, delay, event, value, cb) => {
    cb();
    setTimeout(() => nsp.to(room).emit(event, value), delay);
  });
}

/** The value with what its bytes come to in the place of each binary. */
export function digest(value) {
  // Browsers have bytes in buffers of their own.
  if (value instanceof ArrayBuffer) return digest(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return { bin: value.length, sum: value.reduce((sum, byte) => (sum + byte) >>> 0, 0) };
  if (Array.isArray(value)) return value.map(digest);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, digest(member)]));
}

/** `n` bytes, as Node has them. */
export function made(n) {
  return Buffer.from(pattern(n));
}

/** `n` bytes, as browsers have them, too. */
export function pattern(n) {
  return Uint8Array.from({ length: n }, (_, at) => at % 251);
}
