// The page's own client: a session of Engine.IO 4, and over it one namespace of Socket.IO 5. It carries text alone.

/** Between the packets of one poll. */
const SEPARATOR = "\x1e";
/** The first delay before a new attempt, and the longest, in milliseconds: those of the JavaScript client. */
const DELAY = 1000, LONGEST_DELAY = 5000;
/** How long a session and its namespace may take to open, in milliseconds. */
const OPENING = 20_000;
/** How many deliveries may wait for a connection: hours of typing, a minute of drawing. */
const MOST_KEPT = 2000;

/**
 * One session of Engine.IO: it begins with polls, goes on over a WebSocket if one gets through, and ends once.
 *
 * Its observer has `opened(handshake)`, `upgraded(milliseconds)`, `message(text)`, `closed(reason)`, and `packet(direction,
 * text)` for every packet, whose direction is "in" or "out".
 */
class Session {
  transport = "polling";
  #path;
  #observer;
  #handshake;
  #waiting = [];
  #aborter = new AbortController();
  #socket;
  #polls;
  #posts;
  #paused = false;
  #ended = false;
  #silence;

  constructor(path, observer) {
    this.#path = path;
    this.#observer = observer;
    this.#polls = this.#poll();
  }

  /** Whether what is sent now leaves now. */
  get writable() {
    if (this.transport === "websocket") return this.#socket.bufferedAmount === 0;
    return Boolean(this.#handshake) && !this.#posts && !this.#paused;
  }

  /** Sends a message, as soon as the transport can. */
  send(text) {
    this.#waiting.push("4" + text);
    this.#flush();
  }

  /** Ends the session without a word, as a lost network would. */
  drop(reason) {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#silence);
    this.#aborter.abort();
    this.#socket?.close();
    this.#observer.closed(reason);
  }

  #url(transport) {
    const url = new URL(this.#path, location.href);
    if (transport === "websocket") url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({ EIO: "4", transport, ...(this.#handshake && { sid: this.#handshake.sid }) });
    return url;
  }

  async #fetch(options) {
    const answer = await fetch(this.#url("polling"), { ...options, cache: "no-store", signal: this.#aborter.signal });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.text();
  }

  /** Asks again and again, until the WebSocket takes over. */
  async #poll() {
    try {
      while (!this.#paused && !this.#ended) {
        const payload = await this.#fetch({ method: "GET" });
        for (const packet of payload.split(SEPARATOR)) this.#handle(packet);
      }
    } catch {
      this.drop("transport error");
    }
    this.#polls = undefined;
  }

  #flush() {
    if (this.#ended || !this.#handshake || this.#waiting.length === 0) return;
    if (this.transport === "websocket") {
      for (const packet of this.#waiting.splice(0)) this.#write(packet);
    } else if (!this.#paused) {
      this.#posts ??= this.#post();
    }
  }

  async #post() {
    try {
      while (this.#waiting.length > 0 && !this.#paused && !this.#ended) {
        const packets = this.#batch();
        for (const packet of packets) this.#observer.packet("out", packet);
        await this.#fetch({ method: "POST", body: packets.join(SEPARATOR) });
      }
    } catch {
      this.drop("transport error");
    }
    this.#posts = undefined;
  }

  /** As many packets as a body may have bytes, but one at least. */
  #batch() {
    let room = this.#handshake.maxPayload, count = 0;
    for (const packet of this.#waiting) {
      room -= new TextEncoder().encode(packet).length + SEPARATOR.length;
      if (room < 0) break;
      count += 1;
    }
    return this.#waiting.splice(0, Math.max(count, 1));
  }

  #write(packet) {
    this.#observer.packet("out", packet);
    this.#socket.send(packet);
  }

  #handle(packet) {
    if (this.#ended) return;
    this.#observer.packet("in", packet);
    const data = packet.slice(1);
    switch (packet[0]) {
      case "0": return this.#open(JSON.parse(data));
      case "1": return this.drop("transport close");
      case "2": return this.#pong();
      case "4": return this.#observer.message(data);
      case "6": return undefined;
      default: return this.drop("parse error");
    }
  }

  #open(handshake) {
    this.#handshake = handshake;
    this.#listen();
    this.#observer.opened(handshake);
    if (handshake.upgrades.includes("websocket")) this.#probe();
  }

  #pong() {
    this.#listen();
    this.#waiting.push("3");
    this.#flush();
  }

  /** A server that says nothing for so long is not there any more. */
  #listen() {
    clearTimeout(this.#silence);
    const { pingInterval, pingTimeout } = this.#handshake;
    this.#silence = setTimeout(() => this.drop("ping timeout"), pingInterval + pingTimeout);
  }

  /** Tries a WebSocket beside the polls. If it fails, they go on. */
  #probe() {
    const began = performance.now(), socket = new WebSocket(this.#url("websocket"));
    this.#socket = socket;
    socket.onopen = () => this.#write("2probe");
    socket.onmessage = async ({ data }) => {
      this.#observer.packet("in", data);
      if (data !== "3probe") return socket.close();
      // Whatever the polls still carry comes before the first message of the WebSocket.
      this.#paused = true;
      await Promise.all([this.#polls, this.#posts]);
      if (!this.#ended && socket.readyState === WebSocket.OPEN) this.#switch(performance.now() - began);
    };
    socket.onclose = () => this.#resume();
  }

  #switch(milliseconds) {
    this.#socket.onmessage = ({ data }) => this.#handle(data);
    this.#socket.onclose = () => this.drop("transport close");
    this.#write("5");
    this.transport = "websocket";
    this.#observer.upgraded(milliseconds);
    this.#flush();
  }

  async #resume() {
    if (!this.#paused) return;
    await Promise.all([this.#polls, this.#posts]);
    this.#paused = false;
    if (this.#ended) return;
    this.#polls = this.#poll();
    this.#flush();
  }
}

/**
 * One namespace, for as long as the page stands: whatever happens to its session, another one follows.
 *
 * Options: `path` of the server, `namespace`, `auth()`, called at each connection, and `welcome({ recovered })`, awaited
 * before deliveries that wait go out. `life(what, details)` hears of every turn: "opening", "opened", "upgraded",
 * "connected", "refused", "lost", "waiting" and "packet".
 *
 * Every event of the server has one argument. A string behind it is the offset of connection state recovery.
 */
export class Socket {
  id;
  connected = false;
  #options;
  #session;
  #listeners = new Map();
  #early = [];
  #kept = new Map();
  #calls = new Map();
  #nextId = 0;
  #welcomed = false;
  #private;
  #offset;
  #attempts = 0;
  #opening;
  #retrying;
  #plugged = false;

  constructor(options) {
    this.#options = options;
    addEventListener("offline", () => this.#session?.drop("transport close"));
    addEventListener("online", () => this.#retrying && this.#begin());
  }

  get transport() {
    return this.#session?.transport;
  }

  /** Connects, and does so again whenever the connection is lost, until `unplug`. */
  plug() {
    this.#plugged = true;
    this.#attempts = 0;
    if (!this.#session) this.#begin();
  }

  /** Cuts the connection as a lost network would, and stays without one. */
  unplug() {
    this.#plugged = false;
    this.#rest();
    this.#session?.drop("transport close");
  }

  /** Calls `listener` with the argument of each event of this name. */
  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  /**
   * Delivers an event sooner or later: it waits for a connection, and goes again over the next if none acknowledged it.
   * The server may so hear it twice. Resolves with the acknowledgement.
   */
  deliver(event, data) {
    if (this.#kept.size >= MOST_KEPT) return Promise.reject(new Error("Too much waits for a connection: this was not kept"));
    return new Promise((resolve) => {
      const id = this.#nextId++, text = JSON.stringify([event, data]);
      this.#kept.set(id, { text, resolve });
      if (this.#welcomed) this.#send("2", text, id);
    });
  }

  /** Sends an event over this connection. Resolves with the acknowledgement, rejects if the connection is lost before. */
  call(event, data) {
    if (!this.connected) return Promise.reject(new Error("not connected"));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#calls.set(id, { resolve, reject });
      this.#send("2", JSON.stringify([event, data]), id);
    });
  }

  /** Sends an event if it can leave at once, and forgets it otherwise. */
  hint(event, data) {
    if (this.#welcomed && this.#session.writable) this.#send("2", JSON.stringify([event, data]));
  }

  #begin() {
    this.#rest();
    this.#options.life("opening", { attempt: this.#attempts });
    // What a session says when another one has taken its place is of no interest.
    const ours = (what) => (...details) => this.#session === session && what(...details);
    const session = new Session(this.#options.path, {
      opened: (handshake) => this.#open(handshake),
      upgraded: (milliseconds) => this.#options.life("upgraded", { milliseconds }),
      message: (text) => this.#handle(text),
      closed: ours((reason) => this.#lost(reason)),
      packet: (direction, text) => this.#options.life("packet", { direction, text }),
    });
    this.#session = session;
    this.#opening = setTimeout(() => session.drop("timeout"), OPENING);
  }

  #open(handshake) {
    this.#options.life("opened", { sid: handshake.sid, pingInterval: handshake.pingInterval });
    const recovery = this.#private && { pid: this.#private, offset: this.#offset };
    this.#send("0", JSON.stringify({ ...this.#options.auth?.(), ...recovery }));
  }

  #send(type, data, id = "") {
    this.#session.send(`${type}${this.#options.namespace},${id}${data}`);
  }

  #handle(text) {
    try {
      const [, type, namespace, id, data] = /^([0-4])(\/[^,]*),?(\d*)(.*)$/s.exec(text);
      if (namespace === this.#options.namespace) this.#react(type, id, data);
    } catch (error) {
      console.error(error);
      this.#session.drop("parse error");
    }
  }

  #react(type, id, data) {
    switch (type) {
      case "0": return this.#connect(JSON.parse(data));
      case "1": return this.#dismissed("io server disconnect");
      case "2": return this.#event(JSON.parse(data));
      case "3": return this.#acknowledged(Number(id), JSON.parse(data)[0]);
      default: return this.#dismissed(JSON.parse(data).message);
    }
  }

  async #connect({ sid, pid }) {
    clearTimeout(this.#opening);
    const recovered = pid !== undefined && pid === this.#private, early = this.#early.splice(0), session = this.#session;
    if (!recovered) this.#offset = undefined;
    Object.assign(this, { id: sid, connected: true });
    this.#private = pid;
    this.#attempts = 0;
    this.#options.life("connected", { id: sid, recovered, replayed: early.length });
    for (const event of early) this.#event(event);
    try {
      await this.#options.welcome({ recovered });
    } catch (error) {
      if (this.#session === session) throw error;
    }
    if (this.#session !== session) return;
    this.#welcomed = true;
    for (const [id, { text }] of this.#kept) this.#send("2", text, id);
  }

  #event([event, data, offset]) {
    // What was missed comes before the answer to our CONNECT.
    if (!this.connected) return this.#early.push([event, data, offset]);
    if (this.#private && typeof offset === "string") this.#offset = offset;
    return this.#listeners.get(event)?.(data);
  }

  #acknowledged(id, data) {
    for (const waiting of [this.#kept, this.#calls]) {
      waiting.get(id)?.resolve(data);
      waiting.delete(id);
    }
  }

  /** The server does not want us: it would be no use to ask again at once. */
  #dismissed(message) {
    this.#plugged = false;
    this.#private = undefined;
    this.#options.life("refused", { message });
    this.#session.drop(message);
  }

  #lost(reason) {
    clearTimeout(this.#opening);
    this.#session = undefined;
    this.connected = this.#welcomed = false;
    this.#early = [];
    for (const { reject } of this.#calls.values()) reject(new Error(reason));
    this.#calls.clear();
    this.#options.life("lost", { reason });
    if (this.#plugged) this.#retry();
  }

  #retry() {
    const delay = Math.min(DELAY * 2 ** this.#attempts * (0.5 + Math.random()), LONGEST_DELAY);
    this.#attempts += 1;
    this.#retrying = setTimeout(() => this.#begin(), delay);
    this.#options.life("waiting", { attempt: this.#attempts, delay });
  }

  /** Whoever connects now, or not at all, need not do so later. */
  #rest() {
    clearTimeout(this.#retrying);
    this.#retrying = undefined;
  }
}
