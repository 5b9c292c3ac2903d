// The servers under test, as the Socket.IO suites start and end them.
//
// SANSOCKET names the command line; `cargo xtask test --only interop-socketio` sets it. SUBJECTS=npm puts npm's own
// server in its place, which tests the suites themselves.

import { fileURLToPath } from "node:url";

import { served } from "../served.mjs";

export const SUBJECTS = (process.env.SUBJECTS ?? "tokio,smol").split(",");

/** Heartbeats that are missed at once, but not by a busy machine that is only slow. */
export const HASTE = { PING_INTERVAL: "300", PING_TIMEOUT: "700" };

const NPM_SERVER = fileURLToPath(new URL("npm-server.mjs", import.meta.url));

/** Starts the application on a free port; `settings` are variables of its environment. */
export function serve(subject, settings = {}) {
  return served(subject, NPM_SERVER, { ALLOW_EIO3: "1", ...settings });
}
