// A server in a process of its own, ours or npm's: both say where they listen, and go when they are asked to.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** The path in a variable of the environment, as `cargo xtask test` sets it. */
export function program(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: run this by cargo xtask test`);
  return path;
}

/**
 * Starts a server on a free port, or on the one in `settings`, which are variables of its environment: `sansocket
 * serve` on that runtime, or for "npm" the script `npmServer`. Resolves with its address once it listens.
 */
export async function served(subject, npmServer, settings) {
  const ours = ["serve", "--runtime", subject];
  const [path, words] = subject === "npm" ? ["node", [npmServer]] : [program("SANSOCKET"), ours];
  const env = { ...process.env, PORT: "0", ...settings };
  const child = spawn(path, words, { stdio: ["ignore", "pipe", "inherit"], env });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), ended.then(() => undefined)]);
  const match = first?.[0].match(/^listening on (http:\/\/\S+) \((\w+)\)$/);
  if (!match || match[2] !== subject) throw new Error(`serve said ${JSON.stringify(first)}`);
  return {
    url: match[1],
    port: new URL(match[1]).port,
    /** It hears and says nothing from here on, and yet stands. */
    freeze: () => child.kill("SIGSTOP"),
    /** Asks it to end, also if it is frozen; resolves with its exit code. */
    async stop() {
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      return (await ended)[0];
    },
    /** Ends it without a word to anybody. */
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
