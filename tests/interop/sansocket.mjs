// The programs under test, as the npm suites start and end them.
//
// SANSOCKET names the command line, CLIENT_TOKIO and CLIENT_SMOL the echoing clients (the `autobahn_client` examples);
// `cargo xtask test --only interop-node` sets all three.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const RUNTIMES = ["tokio", "smol"];

function program(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: run this by cargo xtask test`);
  return path;
}

/** The largest message that servers under test take. */
export const LARGEST = 1 << 20;

/** Starts `sansocket serve` on a free port. Resolves with its addresses once it listens. */
export async function serve(runtime, ...options) {
  const fixed = ["--listen", "127.0.0.1:0", "--runtime", runtime, "--max-message", `${LARGEST}`];
  const words = ["serve", ...fixed, ...options];
  const child = spawn(program("SANSOCKET"), words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), ended.then(() => undefined)]);
  const match = first?.[0].match(/^listening on (http:\/\/\S+) \((\w+)\)$/);
  if (!match || match[2] !== runtime) throw new Error(`serve said ${JSON.stringify(first)}`);
  const page = match[1];
  return {
    page,
    url: page.replace("http:", "ws:") + "/echo",
    /** Asks it to end, and resolves with its exit code and how long it took. */
    async stop() {
      const asked = performance.now();
      child.kill("SIGTERM");
      const [code] = await ended;
      return { code, milliseconds: performance.now() - asked };
    },
  };
}

/** Runs the echoing client of a runtime against a server at `url`; resolves with its exit code. */
export async function runClient(runtime, url) {
  const path = program(`CLIENT_${runtime.toUpperCase()}`);
  const child = spawn(path, [url, `sansocket-${runtime}`], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  return code;
}

/** Starts `sansocket connect URL`, with lines to write and lines to read. */
export function connect(runtime, url, ...options) {
  const words = ["connect", url, "--runtime", runtime, ...options];
  const child = spawn(program("SANSOCKET"), words, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "exit");
  return {
    write: (line) => child.stdin.write(`${line}\n`),
    end: () => child.stdin.end(),
    read: async () => (await lines.next()).value,
    exitCode: async () => (await ended)[0],
  };
}
