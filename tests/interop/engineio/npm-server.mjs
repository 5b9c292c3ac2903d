// npm's own echo server in the place of `sansocket serve`: the same variables, the same line. It shows that the suites
// are right about servers.

import { createServer } from "node:http";
import { attach } from "engine.io";

const { PING_INTERVAL, PING_TIMEOUT, MAX_PAYLOAD, UPGRADE_TIMEOUT, ALLOW_EIO3, ORIGIN, COOKIE } = process.env;
const number = (text) => (text === undefined ? undefined : Number(text));
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const options = given({
  pingInterval: number(PING_INTERVAL),
  pingTimeout: number(PING_TIMEOUT),
  maxHttpBufferSize: number(MAX_PAYLOAD),
  upgradeTimeout: number(UPGRADE_TIMEOUT),
  allowEIO3: ALLOW_EIO3 === "1",
  cors: { origin: ORIGIN ?? "*" },
  cookie: COOKIE ? { name: COOKIE } : false,
  allowRequest: (request, answer) => {
    const { origin } = request.headers;
    ORIGIN && origin && origin !== ORIGIN ? answer("this origin is not let in", false) : answer(null, true);
  },
});

const http = createServer();
const engine = attach(http, options);
engine.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
http.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${http.address().port} (npm)`));

process.on("SIGTERM", () => {
  engine.close();
  setTimeout(() => process.exit(0), 200);
});
