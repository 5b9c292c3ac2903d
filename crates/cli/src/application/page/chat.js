// The chat: what was said, what is on its way, and who is about to say something.

/** What somebody said again within this time stands below, without the name, in milliseconds. */
const BREATH = 120_000;
/** Typing is told again after this, and believed for a little longer, in milliseconds. */
const TELL_TYPING = 1500, BELIEVE_TYPING = 3500;
/** Lines that stay in the page. */
const MOST_LINES = 300;

/** The chat in the page. It calls `say(text)` and `typing()`. All that others wrote becomes text, never markup. */
export class Chat {
  #list = document.querySelector("#messages");
  #typing = document.querySelector("#typing");
  #field = document.querySelector("#words");
  #lines = new Map();
  #typists = new Map();
  #last;

  constructor({ say, typing }) {
    let told = -Infinity;
    this.#field.addEventListener("input", () => {
      const now = performance.now();
      if (this.#field.value === "" || now - told < TELL_TYPING) return;
      told = now;
      typing();
    });
    document.querySelector("#say").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#field.value.trim();
      this.#field.value = "";
      told = -Infinity;
      if (text !== "") say(text);
    });
  }

  /** Empties the chat: another room. */
  clear() {
    this.#list.replaceChildren();
    this.#lines.clear();
    this.#typists.clear();
    this.#last = undefined;
    this.#tellTypists();
  }

  /**
   * Shows `{ key, by, name, colour, text, at }`, once for each key. What is only `sent` stands there paler until the room
   * said it, too.
   */
  show(message, state = "said") {
    this.#typists.delete(message.by);
    this.#tellTypists();
    const known = this.#lines.get(message.key);
    if (known && (state === "sent" || this.#confirm(known))) return;
    const line = document.createElement("li"), last = this.#last;
    const follows = last?.name === message.name && last.colour === message.colour && message.at - last.at < BREATH;
    line.className = `message colour-${message.colour} ${state} ${follows ? "follows" : ""}`;
    if (!follows) line.append(element("b", message.name), clock(message.at));
    line.append(element("p", message.text));
    this.#last = message;
    this.#lines.set(message.key, line);
    this.#append(line);
  }

  /** Writes what happened between the messages. */
  note(text) {
    this.#last = undefined;
    const line = element("li", text);
    line.className = "note";
    this.#append(line);
  }

  /** Somebody is typing. */
  typist({ id, name }) {
    clearTimeout(this.#typists.get(id)?.end);
    this.#typists.set(id, { name, end: setTimeout(() => this.still(id), BELIEVE_TYPING) });
    this.#tellTypists();
  }

  /** Somebody is not typing any more. */
  still(id) {
    this.#typists.delete(id);
    this.#tellTypists();
  }

  /** Lets a line that was sent stand where it is, unless others were heard first: then it has to go behind them. */
  #confirm(line) {
    if (!line.classList.contains("sent")) return true;
    let next = line.nextElementSibling;
    while (next?.classList.contains("sent")) next = next.nextElementSibling;
    if (next) line.remove();
    else line.classList.replace("sent", "said");
    return !next;
  }

  #append(line) {
    const list = this.#list, atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.append(line);
    if (list.childElementCount > MOST_LINES) list.firstElementChild.remove();
    for (const key of this.#lines.keys()) {
      if (this.#lines.size <= MOST_LINES) break;
      this.#lines.delete(key);
    }
    if (atEnd || line.classList.contains("sent")) list.scrollTop = list.scrollHeight;
  }

  #tellTypists() {
    const names = Array.from(this.#typists.values(), ({ name }) => name);
    const words = { 0: "", 1: `${names[0]} is typing`, 2: `${names[0]} and ${names[1]} are typing` };
    this.#typing.textContent = words[names.length] ?? `${names.length} people are typing`;
  }
}

/** An element with this text. */
export function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function clock(at) {
  const time = element("time", new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = new Date(at).toISOString();
  return time;
}
