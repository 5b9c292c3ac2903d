// What there is to see of the connection: its state in a word, its turns, its numbers, and its thread.

import { element } from "./chat.js";
import { Thread } from "./thread.js";

/** Round trips that the median is of. */
const MOST_TRIPS = 60;
/** Turns that stay in the page. */
const MOST_TURNS = 200;
/** Time between two looks at the numbers, in milliseconds. */
const LOOK = 1000;

const NAMES = { polling: "HTTP long polling", websocket: "WebSocket" };

/** The section of the page about the connection. It hears what a `Socket` tells of its life. */
export class Connection {
  #thread = new Thread(document.querySelector("#thread"));
  #state = document.querySelector("#state");
  #turns = document.querySelector("#turns");
  #began = performance.now();
  #torn;
  #transport;
  #trips = [];
  #counts = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0, connections: 0, lost: 0, recovered: 0 };
  #facts = {};

  constructor() {
    setInterval(() => this.#showFacts(), LOOK);
    document.querySelector("#inside").addEventListener("toggle", () => this.#showFacts());
  }

  /** A turn of the connection, as `life` of a `Socket` has it. */
  hear(what, details) {
    this[what](details);
  }

  /** How long a packet took there and back. */
  trip(milliseconds) {
    this.#trips.push(milliseconds);
    if (this.#trips.length > MOST_TRIPS) this.#trips.shift();
    this.#thread.trip(milliseconds);
    document.querySelector("#trip").textContent = `${readable(milliseconds)} there and back`;
  }

  packet({ direction, text }) {
    const bytes = new TextEncoder().encode(text).length, side = direction === "in" ? "In" : "Out";
    this.#counts[`packets${side}`] += 1;
    this.#counts[`bytes${side}`] += bytes;
    this.#thread.packet(direction, bytes);
  }

  opening({ attempt }) {
    this.#began = performance.now();
    this.#show("waiting", attempt === 0 ? "Connecting" : `Connecting, attempt ${attempt + 1}`);
  }

  opened({ sid, pingInterval }) {
    Object.assign(this.#facts, { session: sid, heartbeat: readable(pingInterval), upgrade: "not yet" });
    this.#thread.begin("polling");
    this.#transport = "polling";
    this.#turn(`Opened by polling, ${this.#since()} after the first request. Session ${sid}.`);
  }

  upgraded({ milliseconds }) {
    this.#facts.upgrade = `after ${readable(milliseconds)}`;
    this.#transport = "websocket";
    this.#thread.begin("websocket");
    // Later ones stand so near to what is said of the new connection that they have no room for words.
    this.#thread.mark(this.#counts.connections > 1 ? "" : `upgraded in ${readable(milliseconds)}`);
    this.#turn(`Upgraded to a WebSocket, ${readable(milliseconds)} after it was tried.`);
    if (this.#state.className === "here") this.#show("here", NAMES.websocket);
  }

  connected({ id, recovered, replayed }) {
    this.#counts.connections += 1;
    this.#facts.socket = id;
    this.#show("here", NAMES[this.#transport]);
    if (recovered) this.#recovered(replayed);
    else this.#turn(`Entered the namespace /lounge as ${id}.`);
    this.#torn = undefined;
  }

  #recovered(replayed) {
    const gap = readable(performance.now() - this.#torn), events = replayed === 1 ? "1 event" : `${replayed} events`;
    this.#counts.recovered += 1;
    this.#thread.mend();
    this.#thread.mark(`recovered, ${events} replayed`);
    this.#turn(`Recovered after ${gap}: the same socket, and ${events} of what was missed.`);
  }

  lost({ reason }) {
    this.#thread.end();
    if (this.#torn === undefined) {
      this.#torn = performance.now();
      this.#counts.lost += 1;
      this.#thread.mark(reason);
      this.#turn(`Lost: ${reason}.`);
    }
    document.querySelector("#trip").textContent = "";
    this.#show("gone", "Not connected");
  }

  waiting({ attempt, delay }) {
    this.#show("waiting", `Lost. Attempt ${attempt} in ${readable(delay)}`);
  }

  refused({ message }) {
    this.#turn(`Refused: ${message}.`);
  }

  #since() {
    return readable(performance.now() - this.#began);
  }

  #show(kind, words) {
    this.#state.className = kind;
    if (this.#state.textContent !== words) this.#state.textContent = words;
  }

  #turn(words) {
    const turn = document.createElement("li");
    turn.append(element("time", new Date().toLocaleTimeString()), element("span", words));
    this.#turns.append(turn);
    if (this.#turns.childElementCount > MOST_TURNS) this.#turns.firstElementChild.remove();
    this.#turns.scrollTop = this.#turns.scrollHeight;
  }

  #showFacts() {
    if (!document.querySelector("#inside").open) return;
    const sorted = this.#trips.toSorted((a, b) => a - b), { session, socket, heartbeat, upgrade } = this.#facts;
    const { packetsIn, packetsOut, bytesIn, bytesOut, connections, lost, recovered } = this.#counts;
    const round = sorted.length > 0 ? `${readable(sorted[sorted.length >> 1])}, at most ${readable(sorted.at(-1))}` : "";
    const facts = {
      Transport: NAMES[this.#transport],
      Upgrade: upgrade,
      "Round trip": round,
      Heartbeat: heartbeat && `every ${heartbeat}`,
      Out: `${packetsOut} packets, ${size(bytesOut)}`,
      In: `${packetsIn} packets, ${size(bytesIn)}`,
      Connections: `${connections}, ${lost} lost, ${recovered} recovered`,
      Session: session,
      Socket: socket,
    };
    const rows = Object.entries(facts).map(([name, value]) => {
      const row = document.createElement("div");
      row.append(element("dt", name), element("dd", value ?? "none"));
      return row;
    });
    document.querySelector("#facts").replaceChildren(...rows);
  }
}

function readable(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function size(bytes) {
  return bytes < 10_000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}
