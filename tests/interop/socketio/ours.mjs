// Our client, as `sansocket connect --socketio`: lines of commands go in, lines of JSON come out.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as dial, createServer } from "node:net";
import { createInterface } from "node:readline";

import { program } from "../served.mjs";

/** Begins to connect on that runtime, with further options. */
export function ours(runtime, url, ...options) {
  const words = ["connect", "--socketio", url, "--runtime", runtime, "--ack-timeout", "60s", ...options];
  const child = spawn(program("SANSOCKET"), words, { stdio: ["pipe", "pipe", "ignore"] });
  // Not "exit", which may come before the last line was read.
  const ended = once(child, "close").then(([code]) => code);
  const told = [];
  const waiting = [];
  const changed = () => new Promise((resolve) => waiting.push(resolve));
  const tell = (what) => {
    told.push(what);
    for (const wake of waiting.splice(0)) wake();
  };
  createInterface({ input: child.stdout }).on("line", (line) => tell(JSON.parse(line)));
  ended.then(() => tell({ ended: true }));

  /** The next thing that was told with such a member, and was not asked for before. */
  async function next(key, value) {
    for (;;) {
      const at = told.findIndex((one) => one[key] !== undefined && (value === undefined || one[key] === value));
      if (at >= 0) return told.splice(at, 1)[0];
      if (told.at(-1)?.ended) throw new Error(`it ended, and told no ${key} ${value ?? ""}: ${JSON.stringify(told)}`);
      await changed();
    }
  }

  const say = (verb, name, args) => child.stdin.write([verb, name, ...args.map(written)].join(" ") + "\n");
  return {
    next,
    emit: (event, ...args) => say("emit", event, args),
    answer: (question, ...args) => say("answer", question, args),
    disconnect: () => say("disconnect", "", []),
    connect: () => say("connect", "", []),
    /** Says it, and resolves with the arguments of the acknowledgement. */
    async ack(event, ...args) {
      say("ack", event, args);
      const { args: answer, error } = await next("ack", event);
      if (error) throw new Error(error);
      return answer.map(read);
    },
    /** The arguments of the next of these events. */
    async event(name) {
      return (await next("event", name)).args.map(read);
    },
    /** Everything is said; resolves with the exit code. */
    async end() {
      child.stdin.end();
      return ended;
    },
    ended,
  };
}

/** Bytes in JSON are `{"base64":"AQID"}`. */
function written(value) {
  return JSON.stringify(value, function (key, plain) {
    const original = key === "" ? value : this[key];
    return Buffer.isBuffer(original) ? { base64: original.toString("base64") } : plain;
  });
}

function read(value) {
  return JSON.parse(JSON.stringify(value), (_, member) =>
    typeof member?.base64 === "string" ? Buffer.from(member.base64, "base64") : member,
  );
}

/** A way to a server that can be cut: both ends find the connection gone. */
export async function wire(port) {
  const streams = new Set();
  const server = createServer((near) => {
    const far = dial(port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      streams.add(one.on("close", () => (streams.delete(one), other.destroy())).on("error", () => {}));
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Cuts every connection; new ones are carried again. */
    cut: () => streams.forEach((stream) => stream.resetAndDestroy()),
    close() {
      server.close();
      streams.forEach((stream) => stream.destroy());
    },
  };
}
