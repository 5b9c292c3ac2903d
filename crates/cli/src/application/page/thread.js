// The thread: the connection's last minute and a half as one line. Dashed are polls, whole is a WebSocket, its height is
// the round trip; packets are fringes, outward above and inward below; where the connection was lost, it is torn.

/** What the plot shows at first, and in the end, in milliseconds: it grows with the connection's life. */
const FIRST_SPAN = 30_000, SPAN = 90_000;
/** Packets are counted over this time, in milliseconds, and make one fringe for so many pixels. */
const GATHER = 250, FRINGE = 3.5;
/** The round trips at the two edges of the plot, in milliseconds; between them the scale is logarithmic. */
const SHORTEST = 0.5, LONGEST = 2000;
/** Time between two pictures, in milliseconds; the second for people who asked for less motion. */
const PICTURE = 80, CALM_PICTURE = 1000;
/** Pixels left of the plot for its scale. */
const START = 46;
/** Pixels from one point of the curve to the next. */
const GRAIN = 3;

export class Thread {
  #canvas;
  #context;
  #born = performance.now();
  #pieces = [];
  #trips = [];
  #marks = [];
  #counted = new Map();

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    setInterval(() => document.hidden || this.#draw(), calm ? CALM_PICTURE : PICTURE);
  }

  /** From here on the connection is carried by `transport`, "polling" or "websocket". `how` is "fresh" or "recovered". */
  begin(transport, how = "fresh") {
    this.end();
    this.#pieces.push({ from: performance.now(), transport, how });
  }

  /** The connection that was opened turned out to go on where the last one was torn. */
  mend() {
    // The piece may have gone on over a WebSocket already: what counts is the first one behind the tear.
    const first = this.#pieces.findLast((piece, at) => this.#isTorn(at));
    if (first) first.how = "recovered";
  }

  /** From here on there is no connection. */
  end() {
    const piece = this.#pieces.at(-1);
    if (piece) piece.to ??= performance.now();
  }

  trip(milliseconds) {
    this.#trips.push({ at: performance.now(), milliseconds });
  }

  /** Ties a knot into the thread, here and now, with a word to it or none. */
  mark(text = "") {
    this.#marks.push({ at: performance.now(), text });
  }

  /** A packet of so many `bytes`; `direction` is "in" or "out". */
  packet(direction, bytes) {
    const at = Math.floor(performance.now() / GATHER) * GATHER, counted = this.#counted.get(at) ?? { in: 0, out: 0 };
    counted[direction] += bytes;
    this.#counted.set(at, counted);
  }

  /** Whether the piece of this number does not lie right behind the one before. */
  #isTorn(at) {
    return at > 0 && this.#pieces[at].from - this.#pieces[at - 1].to > 1;
  }

  #forget(before) {
    this.#pieces = this.#pieces.filter(({ to = Infinity }, at, all) => to > before || all[at + 1]?.from > before);
    this.#marks = this.#marks.filter(({ at }) => at > before);
    while (this.#trips[1]?.at < before) this.#trips.shift();
    for (const at of this.#counted.keys()) if (at < before) this.#counted.delete(at);
  }

  #draw() {
    const canvas = this.#canvas, context = this.#context, now = performance.now();
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0) return;
    const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
    this.#forget(now - SPAN);
    const span = Math.min(Math.max(now - this.#born, FIRST_SPAN), SPAN), end = width - 14;
    const view = { width, height, now, span, x: (at) => end - ((now - at) / span) * (end - START), ...colours(canvas) };
    view.y = (at) => height * place(this.#level(at));
    this.#drawScale(view);
    this.#drawFringes(view);
    this.#pieces.forEach((piece, at) => this.#drawPiece(view, piece, at));
    this.#drawMarks(view);
  }

  /** How high the thread lies at a time, from 0 to 1: from one round trip to the next without a corner. */
  #level(at) {
    const next = this.#trips.findIndex((trip) => trip.at >= at);
    if (this.#trips.length === 0) return level(SHORTEST);
    if (next === -1) return level(this.#trips.at(-1).milliseconds);
    if (next === 0) return level(this.#trips[0].milliseconds);
    const [before, after] = [this.#trips[next - 1], this.#trips[next]];
    const part = (at - before.at) / (after.at - before.at), eased = part * part * (3 - 2 * part);
    return level(before.milliseconds) * (1 - eased) + level(after.milliseconds) * eased;
  }

  #drawScale({ width, height, line, quiet }) {
    const context = this.#context;
    context.fillStyle = quiet;
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    for (const milliseconds of height < 90 ? [1, 100] : [1, 10, 100, 1000]) {
      const y = Math.round(height * place(level(milliseconds))) + 0.5;
      context.globalAlpha = 0.55;
      context.beginPath();
      context.moveTo(START, y);
      context.lineTo(width, y);
      context.stroke();
      context.globalAlpha = 0.8;
      context.fillText(milliseconds < 1000 ? `${milliseconds} ms` : "1 s", 4, y);
    }
    context.globalAlpha = 1;
  }

  #drawFringes({ x, y, width, span, accent, ours }) {
    const context = this.#context, time = Math.ceil((FRINGE * span) / width / GATHER) * GATHER;
    const fringes = new Map();
    for (const [at, counted] of this.#counted) {
      // By whole times, lest fringes flicker as they wander.
      const begin = Math.floor(at / time) * time, fringe = fringes.get(begin) ?? { in: 0, out: 0 };
      fringes.set(begin, { in: fringe.in + counted.in, out: fringe.out + counted.out });
    }
    context.lineWidth = 1.5;
    for (const [direction, colour, side] of [["out", ours, -1], ["in", accent, 1]]) {
      context.strokeStyle = colour;
      context.globalAlpha = 0.6;
      context.beginPath();
      for (const [at, fringe] of fringes) {
        if (fringe[direction] === 0) continue;
        const top = y(at) + 4 * side;
        context.moveTo(x(at), top);
        context.lineTo(x(at), top + side * 3.5 * Math.log2(1 + fringe[direction] / 4));
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #drawPiece(view, { from, to = view.now, transport, how }, at) {
    const context = this.#context, { x, y, accent, quiet } = view;
    context.strokeStyle = accent;
    context.lineCap = "round";
    context.lineWidth = 2.25;
    context.setLineDash(transport === "polling" ? [5, 6] : []);
    context.beginPath();
    const grain = (GRAIN * view.span) / view.width, edge = view.now - view.span;
    for (let step = Math.max(from, edge); step < to; step += grain) context.lineTo(x(step), y(step));
    context.lineTo(x(to), y(to));
    context.stroke();
    context.setLineDash([]);
    if (to > edge && to < view.now && !(this.#pieces[at + 1]?.from - to <= 1)) this.#fray(x(to), y(to), 1);
    if (from < edge || !this.#isTorn(at)) return;
    this.#fray(x(from), y(from), -1);
    if (how !== "recovered") return;
    const torn = Math.max(this.#pieces[at - 1].to, edge);
    context.strokeStyle = quiet;
    context.lineWidth = 1.5;
    context.setLineDash([1, 5]);
    context.beginPath();
    context.moveTo(x(torn), y(torn));
    context.lineTo(x(from), y(from));
    context.stroke();
    context.setLineDash([]);
  }

  /** Where a thread is torn, its strands part. */
  #fray(x, y, side) {
    const context = this.#context;
    context.lineWidth = 1.25;
    for (const slope of [-7, -1.5, 5]) {
      context.beginPath();
      context.moveTo(x, y);
      context.quadraticCurveTo(x + 5 * side, y, x + 10 * side, y + slope);
      context.stroke();
    }
  }

  #drawMarks({ x, y, width, height, paper, accent, ink }) {
    const context = this.#context;
    let free = width;
    context.textBaseline = "alphabetic";
    // The last word is the one that counts: an older one that would touch it stays away, and its knot alone stands.
    for (const { at, text } of this.#marks.toReversed()) {
      const middle = x(at), long = context.measureText(text).width, left = Math.min(middle - long / 2, width - long - 2);
      if (middle < START) break;
      context.beginPath();
      context.arc(middle, y(at), 3.5, 0, 2 * Math.PI);
      context.fillStyle = paper;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = accent;
      context.stroke();
      if (!text || left + long + 8 > free || left < START) continue;
      free = left;
      context.lineWidth = 4;
      context.strokeStyle = paper;
      context.strokeText(text, left, height - 5);
      context.fillStyle = ink;
      context.fillText(text, left, height - 5);
    }
  }
}

/** Where a level lies, as a part of the plot's height from above: fringes have room on both sides. */
function place(level) {
  return 0.78 - 0.56 * level;
}

function level(milliseconds) {
  const clamped = Math.min(Math.max(milliseconds, SHORTEST), LONGEST);
  return Math.log(clamped / SHORTEST) / Math.log(LONGEST / SHORTEST);
}

/** The page's colours, as they are now. */
function colours(canvas) {
  const style = getComputedStyle(canvas);
  const names = ["accent", "ours", "quiet", "line", "paper", "ink"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)]));
}
