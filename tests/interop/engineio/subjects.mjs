// The programs under test, as the Engine.IO suites start and end them.
//
// SANSOCKET names the command line, ENGINEIO_TOKIO and ENGINEIO_SMOL the echoing clients (the `engineio_client`
// examples); `cargo xtask test --only interop-engineio` sets all three. SUBJECTS=npm puts npm's own in their place, which
// tests the suites themselves.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { program, served } from "../served.mjs";
import { MAX_PAYLOAD } from "./traffic.mjs";

export const SUBJECTS = (process.env.SUBJECTS ?? "tokio,smol").split(",");

/** The protocols, and the npm packages that speak them. */
export const PROTOCOLS = [4, 3];

const beside = (file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * Starts an echo server on a free port; `settings` are variables of its environment. Resolves with its address once it
 * listens.
 */
export function serve(subject, settings = {}) {
  const variables = { ALLOW_EIO3: "1", MAX_PAYLOAD: `${MAX_PAYLOAD}`, ...settings };
  return served(subject, beside("npm-server.mjs"), variables);
}

/**
 * Starts a client that says everything back, and closes when it is told "bye". Words: `polling`, `websocket` for the
 * transports, `3` for the protocol, `base64`.
 */
export function echoClient(subject, url, words) {
  const [path, before] =
    subject === "npm" ? ["node", [beside("npm-client.mjs")]] : [program(`ENGINEIO_${subject.toUpperCase()}`), []];
  const child = spawn(path, [...before, url, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  // Not "exit", which may come before the last line was read.
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  const last = once(lines, "line");
  return {
    /** It hears and says nothing from here on. */
    freeze: () => child.kill("SIGSTOP"),
    /** Ends it, whatever it does. */
    kill: () => child.kill("SIGKILL"),
    /** Why its session ended, in its own words. */
    async reason() {
      const said = await Promise.race([last, ended.then(() => ["it ended without a word"])]);
      return said[0].replace(/^closed: /, "");
    },
  };
}
