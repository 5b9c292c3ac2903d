// The drawing board: everyone's strokes, and everyone's pens.

/** The sheet in its own units, whatever the size of a screen. Positions are whole numbers of them. */
const WIDTH = 1600, HEIGHT = 1000;
/** Widths of the pen, in the same units. */
export const WIDTHS = [4, 10, 26];
/** The ink that takes away. The others are colours of the page, by number. */
export const ERASER = 9;
/** Points nearer than this to the last one add nothing to see. */
const STEP = 3;
/** Points leave in bunches, so often, in milliseconds. */
const BUNCH = 40;
/** What was painted piece by piece is painted as a whole when nothing was added for so long, in milliseconds. */
const TIDY = 400;
/** A stroke this long goes on as another one, so that the oldest of a room can be forgotten piece by piece. */
const LONGEST_STROKE = 500;
/** As many points as a room remembers: beyond that, the oldest strokes fade. */
const MOST_POINTS = 16_000;
/** What an arrow key moves the pen by, and with Shift. */
const KEY_STEP = 10, KEY_LEAP = 60;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The board within the element `sheet`. It calls `drew(segment)` for what our pen adds, and `moved(position)` for where it
 * is: `{ x, y }`, or `{}` when it left. A segment is `{ stroke, from, ink, width, points }`: points `x, y, x, y …` of the
 * stroke of that name, from the number `from` on.
 */
export class Board {
  ink = 0;
  width = 1;
  #sheet;
  #canvas;
  #context;
  #cursors;
  #hooks;
  #strokes = new Map();
  #points = 0;
  #pens = new Map();
  #pen;
  #sent = 0;
  #bunch;
  #moved;
  #tidying;
  #keyboard = { x: WIDTH / 2, y: HEIGHT / 2 };

  constructor(sheet, hooks) {
    this.#sheet = sheet;
    this.#canvas = sheet.querySelector("canvas");
    this.#context = this.#canvas.getContext("2d");
    this.#cursors = sheet.querySelector("#cursors");
    this.#hooks = hooks;
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
    this.#hearPointer();
    this.#hearKeys();
  }

  /** Shows these strokes instead of what was there. */
  reset(strokes) {
    this.#strokes.clear();
    this.#points = 0;
    for (const { stroke, ink, width, points } of strokes) this.#keep({ stroke, ink, width }, 0, points);
    this.redraw();
  }

  /** Adds what somebody else drew. */
  add({ stroke, from, ink, width, points }) {
    const kept = this.#keep({ stroke, ink, width }, from, points);
    this.#paint(kept, kept.points.length - points.length);
  }

  /** Shows the pen of `person` at a position, or no more of it. */
  point(person, { x, y }) {
    let pen = this.#pens.get(person.id);
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      pen?.remove();
      this.#pens.delete(person.id);
      return;
    }
    if (!pen) {
      pen = document.createElement("span");
      pen.append(document.createElement("b"));
      this.#cursors.append(pen);
      this.#pens.set(person.id, pen);
    }
    pen.className = `cursor colour-${person.colour}`;
    pen.firstChild.textContent = person.name;
    this.#place(pen, x, y);
  }

  /** Takes all pens of others away. */
  alone() {
    for (const id of [...this.#pens.keys()]) this.point({ id }, {});
  }

  /** Paints all anew, as after a change of colours. */
  redraw() {
    const inks = document.querySelectorAll("#inks i");
    this.colours = Array.from(inks, (swatch) => getComputedStyle(swatch).backgroundColor);
    this.#context.clearRect(0, 0, WIDTH, HEIGHT);
    for (const stroke of this.#strokes.values()) this.#paint(stroke, 0);
    this.#sheet.classList.toggle("empty", this.#strokes.size === 0);
  }

  #resize() {
    const scale = (this.#canvas.clientWidth * devicePixelRatio) / WIDTH;
    if (scale === 0) return;
    this.#canvas.width = Math.round(WIDTH * scale);
    this.#canvas.height = Math.round(HEIGHT * scale);
    this.#context.scale(scale, scale);
    this.redraw();
  }

  #keep(properties, from, points) {
    const known = this.#strokes.get(properties.stroke);
    const stroke = known ?? { ...properties, points: [] };
    // Part of a segment that came a second time is known already.
    const news = points.slice(known ? Math.max(0, stroke.points.length - 2 * from) : 0);
    for (const number of news) stroke.points.push(number);
    this.#strokes.set(stroke.stroke, stroke);
    this.#points += news.length / 2;
    for (const [name, oldest] of this.#strokes) {
      if (this.#points <= MOST_POINTS || oldest === stroke) break;
      this.#points -= oldest.points.length / 2;
      this.#strokes.delete(name);
    }
    this.#sheet.classList.remove("empty");
    return stroke;
  }

  /** Paints a stroke from its number `from` on: curves from the middle of one line to the middle of the next. */
  #paint({ ink, width, points }, from) {
    const context = this.#context, middle = (at) => (points[at - 2] + points[at]) / 2;
    const first = Math.max(from - (from % 2), 2);
    context.globalCompositeOperation = ink === ERASER ? "destination-out" : "source-over";
    context.strokeStyle = this.colours?.[ink] ?? "#888";
    context.lineWidth = (WIDTHS[width] ?? WIDTHS[0]) * (ink === ERASER ? 3 : 1);
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    if (first < 4) context.moveTo(points[0], points[1]);
    else context.moveTo(middle(first - 2), middle(first - 1));
    for (let at = first; at < points.length; at += 2) {
      context.quadraticCurveTo(points[at - 2], points[at - 1], middle(at), middle(at + 1));
    }
    context.lineTo(points.at(-2), points.at(-1));
    context.stroke();
    if (from === 0) return;
    // Where the pieces overlap their edges are darker.
    clearTimeout(this.#tidying);
    this.#tidying = setTimeout(() => this.redraw(), TIDY);
  }

  #hearPointer() {
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#sheet.classList.remove("keyboard");
      this.#set(this.#position(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      const coalesced = event.getCoalescedEvents?.() ?? [];
      for (const step of coalesced.length > 0 ? coalesced : [event]) this.#move(this.#position(step));
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.#lift());
    canvas.addEventListener("pointerleave", () => this.#tell({}));
  }

  #hearKeys() {
    const own = document.createElement("span");
    own.className = "cursor own";
    this.#cursors.append(own);
    this.#canvas.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow && event.key !== " ") return;
      event.preventDefault();
      this.#sheet.classList.add("keyboard");
      if (event.key === " ") this.#pen ? this.#lift() : this.#set(this.#keyboard);
      else this.#step(arrow, event.shiftKey ? KEY_LEAP : KEY_STEP);
      own.classList.toggle("down", Boolean(this.#pen));
      this.#place(own, this.#keyboard.x, this.#keyboard.y);
    });
    this.#canvas.addEventListener("blur", () => {
      this.#lift();
      this.#sheet.classList.remove("keyboard");
    });
  }

  #step([right, down], by) {
    const { x, y } = this.#keyboard;
    this.#keyboard = within({ x: x + right * by, y: y + down * by });
    this.#move(this.#keyboard);
  }

  #position(event) {
    const box = this.#canvas.getBoundingClientRect();
    return within({
      x: Math.round(((event.clientX - box.left) / box.width) * WIDTH),
      y: Math.round(((event.clientY - box.top) / box.height) * HEIGHT),
    });
  }

  #place(pen, x, y) {
    pen.style.translate = `${(100 * x) / WIDTH}cqw ${(100 * y) / HEIGHT}cqh`;
  }

  #set({ x, y }) {
    this.#pen = this.#keep({ stroke: newName(), ink: this.ink, width: this.width }, 0, [x, y]);
    this.#sent = 0;
    this.#sheet.classList.add("drawing");
    this.#paint(this.#pen, 0);
    this.#bunch ??= setInterval(() => this.#flush(), BUNCH);
  }

  #move({ x, y }) {
    this.#tell({ x, y });
    if (!this.#pen) return;
    const { points, stroke, ink, width } = this.#pen;
    if (Math.hypot(x - points.at(-2), y - points.at(-1)) < STEP) return;
    this.#keep({ stroke, ink, width }, points.length / 2, [x, y]);
    this.#paint(this.#pen, points.length - 2);
    if (points.length >= 2 * LONGEST_STROKE) {
      this.#lift();
      this.#set({ x, y });
    }
  }

  #lift() {
    if (!this.#pen) return;
    this.#flush();
    clearInterval(this.#bunch);
    this.#bunch = this.#pen = undefined;
    this.#sheet.classList.remove("drawing");
  }

  #flush() {
    const { stroke, ink, width, points } = this.#pen;
    if (this.#sent === points.length) return;
    this.#hooks.drew({ stroke, from: this.#sent / 2, ink, width, points: points.slice(this.#sent) });
    this.#sent = points.length;
  }

  /** Says where the pen is, no more often than bunches leave. */
  #tell(position) {
    if (!this.#moved) {
      setTimeout(() => {
        this.#hooks.moved(this.#moved);
        this.#moved = undefined;
      }, BUNCH);
    }
    this.#moved = position;
  }
}

/** The nearest position on the sheet. */
function within({ x, y }) {
  return { x: Math.min(Math.max(x, 0), WIDTH), y: Math.min(Math.max(y, 0), HEIGHT) };
}

/** A name that nobody else gives: of a stroke, or of a message. */
export function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
