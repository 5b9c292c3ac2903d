// npm's own client in the place of our `engineio_client` examples: the same words, the same line at the end. It shows
// that the suites are right about clients.

import { Socket } from "engine.io-client";
import Socket3 from "engine.io-client-3";

const [url, ...words] = process.argv.slice(2);
const named = ["polling", "websocket"].filter((transport) => words.includes(transport));
const options = {
  transports: named.length > 0 ? named : ["polling", "websocket"],
  forceBase64: words.includes("base64"),
  withCredentials: true,
  extraHeaders: { "X-Who": "me" },
  query: { who: "me" },
};
const socket = words.includes("3") ? new Socket3(url, options) : new Socket(url, options);
socket.on("message", (data) => (data === "bye" ? socket.close() : socket.send(data)));
socket.on("close", (reason) => console.log(`closed: ${reason}`));
