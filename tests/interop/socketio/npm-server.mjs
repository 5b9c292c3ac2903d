// npm's own server with the same application in the place of `sansocket serve`: the same variables, the same line. It
// shows that the suites are right about servers, and it is whom our client meets. SOCKETIO=2 takes npm socket.io 2.

import { createServer } from "node:http";
import { Server } from "socket.io";
import io2 from "socket.io-2";
import * as msgpack from "socket.io-msgpack-parser";

import { application } from "./application.mjs";

const { PORT, PING_INTERVAL, PING_TIMEOUT, MAX_PAYLOAD, CONNECT_TIMEOUT, UPGRADE_TIMEOUT } = process.env;
const { ALLOW_EIO3, RECOVERY_MS, PARSER, SOCKETIO } = process.env;
const number = (text) => (text === undefined ? undefined : Number(text));
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const options = given({
  pingInterval: number(PING_INTERVAL),
  pingTimeout: number(PING_TIMEOUT),
  maxHttpBufferSize: number(MAX_PAYLOAD ?? "4000000"),
  cors: { origin: "*" },
  connectTimeout: number(CONNECT_TIMEOUT),
  upgradeTimeout: number(UPGRADE_TIMEOUT),
  allowEIO3: ALLOW_EIO3 === "1",
  parser: PARSER === "msgpack" ? msgpack : undefined,
  connectionStateRecovery: Number(RECOVERY_MS) > 0 ? { maxDisconnectionDuration: Number(RECOVERY_MS) } : undefined,
});

const http = createServer((_, response) => response.end());
const io = SOCKETIO === "2" ? io2(http, { ...options, serveClient: false }) : new Server(http, options);
application(io);
http.listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${http.address().port} (npm)`));

process.on("SIGTERM", () => {
  io.close();
  setTimeout(() => process.exit(0), 200);
});
