// The page: joins the board, the chat and the connection to the namespace /lounge.

import { Board, ERASER, newName, WIDTHS } from "./board.js";
import { Chat, element } from "./chat.js";
import { Socket } from "./client.js";
import { Connection } from "./connection.js";

const $ = (selector) => document.querySelector(selector);

/** Time between two round trips, in milliseconds. */
const PULSE = 2000;
/** Colours that a person may have: the inks of the board but the first, which is black, and the eraser. */
const COLOURS = [1, 2, 3, 4, 5, 6, 7, 8];
const COLOUR_NAMES = ["Black", "Red", "Ochre", "Moss", "Pine", "Lagoon", "Blue", "Plum", "Rose", "Eraser"];
const WIDTH_NAMES = ["Fine", "Medium", "Broad"];
const MANNERS = ["Quiet", "Early", "Patient", "Nimble", "Mellow", "Sunny", "Wandering", "Curious", "Gentle", "Brisk"];
const ANIMALS = ["Heron", "Otter", "Finch", "Badger", "Lynx", "Wren", "Hare", "Newt", "Plover", "Marten"];

const any = (list) => list[Math.floor(Math.random() * list.length)];

/** Who we are, for as long as this tab lives; a second tab is somebody else. */
const me = remembered() ?? { name: `${any(MANNERS)} ${any(ANIMALS)}`, colour: any(COLOURS) };
/** The room we want to be in, and the one where the server has us. */
let room = roomOfAddress(), entered;
/** Who is in the room, by id. */
let people = new Map();
/** What we drew and nobody acknowledged. */
const drawn = new Set();
let unread = 0;

const connection = new Connection();
const socket = new Socket({
  path: "/socket.io/",
  namespace: "/lounge",
  life: (what, details) => connection.hear(what, details),
  welcome,
});
const board = new Board($("#sheet"), {
  drew,
  moved: (position) => socket.hint("cursor", position),
});
const chat = new Chat({ say, typing: () => socket.hint("typing", {}) });

/** A recovered connection is in its room already; a new one has to enter. */
async function welcome({ recovered }) {
  pulse();
  if (recovered && entered === room) return;
  if (!recovered) await socket.call("enter", me);
  await join();
}

async function join() {
  const wanted = room;
  entered = undefined;
  const { people: present, messages, strokes, ...names } = await socket.call("join", { room });
  // By now we may want to be elsewhere.
  if (room !== wanted) return;
  // The server may have cut the name.
  room = entered = names.room;
  history.replaceState(null, "", `#${encodeURIComponent(room)}`);
  people = new Map(present.map((person) => [person.id, person]));
  board.alone();
  board.reset(strokes);
  for (const segment of drawn) board.add(segment);
  for (const message of messages) chat.show(message);
  showPeople();
  showRooms(names);
}

function change(name) {
  if (name === room) return;
  chat.clear();
  drawn.clear();
  room = name;
  // Without a connection, the next one begins there.
  if (socket.connected) join().catch(() => {});
}

function say(text) {
  const message = { key: newName(), text };
  chat.show({ ...message, by: socket.id, ...me, at: Date.now() }, "sent");
  deliver("say", message);
}

function drew(segment) {
  drawn.add(segment);
  deliver("draw", segment).then(() => drawn.delete(segment));
}

/** Delivers now or later; says so if that cannot be. */
function deliver(event, data) {
  return socket.deliver(event, data).catch(({ message }) => chat.note(message));
}

async function pulse() {
  if (!socket.connected) return;
  const began = performance.now();
  // Lost on the way: there is no such time.
  await socket.call("pulse", {}).then(() => connection.trip(performance.now() - began), () => {});
}

/** Hears what happens in the room: until we are there, it is another one's. */
function hear(event, listener) {
  socket.on(event, (data) => entered === room && listener(data));
}

socket.on("rooms", showRooms);
hear("said", (message) => {
  chat.show(message);
  if (document.hidden) countUnread(unread + 1);
});
hear("typing", ({ id }) => people.has(id) && chat.typist(people.get(id)));
hear("cursor", ({ id, x, y }) => people.has(id) && board.point(people.get(id), { x, y }));
hear("drawn", (segment) => {
  board.add(segment);
  const [x, y] = segment.points.slice(-2);
  if (people.has(segment.by)) board.point(people.get(segment.by), { x, y });
});
hear("cleared", ({ name }) => {
  board.reset([]);
  chat.note(`${name} wiped the board`);
});
hear("came", (person) => {
  const known = people.get(person.id);
  people.set(person.id, person);
  if (!known) chat.note(`${person.name} came in`);
  else if (known.name !== person.name) chat.note(`${known.name} is now ${person.name}`);
  showPeople();
});
hear("went", ({ id }) => {
  if (!people.has(id)) return;
  chat.note(`${people.get(id).name} left`);
  chat.still(id);
  board.point({ id }, {});
  people.delete(id);
  showPeople();
});

function showPeople() {
  const faces = Array.from(people.values(), ({ id, name, colour }) => {
    const person = document.createElement("li"), face = element("i", initials(name));
    face.className = "face";
    face.ariaHidden = "true";
    person.className = `colour-${colour}`;
    person.append(face, element("span", id === socket.id ? `${name} (you)` : name));
    return person;
  });
  $("#people").replaceChildren(...faces);
}

function showRooms({ rooms }) {
  const listed = rooms.some(({ name }) => name === room) ? rooms : [...rooms, { name: room, people: 1 }];
  const items = listed.map(({ name, people }) => {
    const item = document.createElement("li"), button = element("button", name), count = element("small", people || "");
    button.ariaCurrent = name === room ? "true" : "false";
    count.title = people === 1 ? "1 person" : `${people} people`;
    button.append(count);
    button.onclick = () => change(name);
    item.append(button);
    return item;
  });
  $("#rooms").replaceChildren(...items);
}

/** The room that the address names behind its `#`. */
function roomOfAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1)) || "Lobby";
  } catch {
    return "Lobby";
  }
}

function initials(name) {
  return name.split(/\s+/).slice(0, 2).map((word) => Array.from(word)[0] ?? "").join("").toUpperCase();
}

function countUnread(count) {
  unread = count;
  document.title = count > 0 ? `(${count}) Sansocket` : "Sansocket";
}

/** Puts a choice of one in many into a fieldset; `chosen(value)` hears of it. */
function choice(fieldset, values, { name, label, kind, now, chosen }) {
  for (const value of values) {
    const option = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "radio", name, value, checked: value === now, onchange: () => chosen(value) });
    input.ariaLabel = option.title = label(value);
    const swatch = document.createElement("i");
    swatch.className = `${kind}-${value}`;
    option.append(input, swatch);
    fieldset.append(option);
  }
}

function showMe() {
  const [face, name] = $("#me").children;
  $("#me").className = `colour-${me.colour}`;
  face.textContent = initials(me.name);
  name.textContent = me.name;
}

function prepareMe() {
  let colour = me.colour;
  const label = (at) => COLOUR_NAMES[at], chosen = (value) => (colour = value);
  choice($("#colours"), COLOURS, { name: "colour", label, kind: "colour", now: colour, chosen });
  $("#me").onclick = () => {
    $("#name").value = me.name;
    $("#who").showModal();
    $("#name").select();
  };
  $("#who form").onsubmit = () => {
    Object.assign(me, { name: $("#name").value.trim() || me.name, colour });
    remember(me);
    showMe();
    // A connection that comes later begins with it.
    if (socket.connected) socket.call("enter", me).catch(() => {});
    const self = people.get(socket.id);
    if (self) people.set(socket.id, { ...self, ...me });
    showPeople();
  };
  showMe();
}

function prepareTools() {
  const inks = COLOUR_NAMES.map((_, at) => at), widths = WIDTHS.map((_, at) => at);
  board.ink = me.colour;
  const setInk = (ink) => (board.ink = ink), setWidth = (width) => (board.width = width);
  choice($("#inks"), inks, { name: "ink", label: (at) => COLOUR_NAMES[at], kind: "ink", now: board.ink, chosen: setInk });
  choice($("#widths"), widths, { name: "width", label: (at) => WIDTH_NAMES[at], kind: "width", now: board.width, chosen: setWidth });
  $(`#inks .ink-${ERASER}`).className += " eraser";
  $("#clear").onclick = () => deliver("clear", {});
}

function preparePlug() {
  $("#plug").onclick = () => {
    const unplug = $("#plug").ariaPressed !== "true";
    $("#plug").ariaPressed = String(unplug);
    $("#plug").textContent = unplug ? "Plug in" : "Unplug";
    unplug ? socket.unplug() : socket.plug();
  };
}

function prepareTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)"), root = document.documentElement;
  $("#theme").onclick = () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
    board.redraw();
  };
  dark.onchange = () => board.redraw();
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem("me"));
  } catch {
    return null;
  }
}

function remember(who) {
  try {
    sessionStorage.setItem("me", JSON.stringify(who));
  } catch {
    // A browser that keeps nothing gives another name next time.
  }
}

prepareMe();
prepareTools();
preparePlug();
prepareTheme();
board.redraw();
remember(me);
$("#open-room").onsubmit = (event) => {
  event.preventDefault();
  const name = $("#room-name").value.trim();
  $("#room-name").value = "";
  if (name) change(name);
};
addEventListener("hashchange", () => change(roomOfAddress()));
addEventListener("visibilitychange", () => document.hidden || countUnread(0));
setInterval(pulse, PULSE);
socket.plug();
