// The page that `sansocket serve` shows at /, in two headless Chromiums: two people who talk, draw and lose their networks.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { browser } from "./browser.mjs";
import { RUNTIMES, serve } from "./sansocket.mjs";

/** The board in its own units. */
const BOARD = { width: 1600, height: 1000 };
/** A browser's own words for requests that an absent network swallowed are no complaint of the page. */
const NETWORK = /net::ERR_|WebSocket connection to/;

// A network is lost by a whole browser context: each person has one.
const browsers = { Ada: browser(), Grace: browser() };

/** What the page says of a connection that came back, by how long the server lets it. */
const TURNS = { 0: "Entered the namespace", "2m": "Recovered after" };

for (const [runtime, recovery] of RUNTIMES.flatMap((runtime) => Object.keys(TURNS).map((time) => [runtime, time]))) {
  describe(`the page of serve --runtime ${runtime} --recovery ${recovery}`, () => {
    let server, ada, grace;
    const complaints = [];

    before(async () => {
      server = await serve(runtime, "--recovery", recovery);
      ada = await visit("Ada");
      grace = await visit("Grace");
    });
    after(async () => {
      await Promise.all([ada?.close(), grace?.close()]);
      await server.stop();
    });

    /** Opens the page, waits for the WebSocket, and takes a name. */
    async function visit(name) {
      const page = await browsers[name].newPage();
      page.on("pageerror", (error) => complaints.push(error.stack));
      page.on("console", (message) => {
        if (message.type() === "error" && !NETWORK.test(message.text())) complaints.push(message.text());
      });
      await page.goto(`${server.page}/`);
      await page.locator("#state.here", { hasText: "WebSocket" }).waitFor();
      await page.locator("#me").click();
      await page.locator("#name").fill(name);
      await page.locator("#who form > button").click();
      await page.locator("#people", { hasText: `${name} (you)` }).waitFor();
      return page;
    }

    test("they see each other, and hear each other typing and talking", async () => {
      await ada.locator("#people", { hasText: "Grace" }).waitFor();
      await grace.locator("#people", { hasText: "Ada" }).waitFor();
      await ada.locator("#words").pressSequentially("Hello");
      await grace.locator("#typing", { hasText: "Ada is typing" }).waitFor();
      await say(ada, "Hello, Grace 🦊");
      await heard(grace, "Hello, Grace 🦊");
      assert.equal(await grace.locator("#typing").textContent(), "");
      await ada.locator("#messages .said", { hasText: "Hello, Grace" }).waitFor();
    });

    test("what is said is text, whatever it looks like", async () => {
      await say(ada, "<img src=x onerror=alert(1)><b>bold</b>");
      await heard(grace, "<img src=x onerror=alert(1)><b>bold</b>");
      assert.equal(await grace.locator("#messages img, #messages p b").count(), 0);
    });

    test("what one draws the other sees, and where the pen is", async () => {
      await draw(ada, [[200, 300], [500, 300], [800, 300]]);
      await inked(grace, 500, 300);
      await grace.locator(".cursor b", { hasText: "Ada" }).waitFor();
      await draw(grace, [[200, 600], [800, 600]]);
      await inked(ada, 500, 600);
      assert.equal(await hasInk(ada, 500, 450), false);
    });

    test("the pen follows keys", async () => {
      await ada.locator("#ink").focus();
      for (const key of [" ", "Shift+ArrowRight", "Shift+ArrowRight", " "]) await ada.keyboard.press(key);
      await inked(grace, BOARD.width / 2 + 60, BOARD.height / 2);
    });

    test("one loses her network, and comes back with nothing missed", async () => {
      await grace.context().setOffline(true);
      await grace.locator("#state:not(.here)").waitFor();
      for (const text of ["first", "second", "third"]) await say(ada, text);
      await draw(ada, [[200, 800], [800, 800]]);
      await say(grace, "said into the void");
      await grace.locator("#messages .sent", { hasText: "said into the void" }).waitFor();
      assert.equal(await hasInk(grace, 500, 800), false);

      await grace.context().setOffline(false);
      await grace.locator("#state.here").waitFor();
      const turns = (await grace.locator("#turns").textContent()).split("Lost: ").at(-1);
      assert.ok(turns.includes(TURNS[recovery]), turns);
      await inked(grace, 500, 800);
      await heard(ada, "said into the void");
      const last = ["first", "second", "third", "said into the void"];
      await grace.locator("#messages .sent").waitFor({ state: "detached" });
      for (const page of [ada, grace]) assert.deepEqual((await words(page)).slice(-last.length), last);
    });

    test("a cut that both hear is mended, too", async () => {
      await ada.locator("#plug").click();
      await grace.locator("#messages .note", { hasText: "Ada left" }).last().waitFor();
      await say(grace, "while Ada was away");
      await draw(grace, [[1000, 200], [1400, 200]]);
      await ada.locator("#plug").click();
      await heard(ada, "while Ada was away");
      await inked(ada, 1200, 200);
      await grace.locator("#people", { hasText: "Ada" }).waitFor();
    });

    test("each room has its own talk and its own board", async () => {
      await grace.locator("#room-name").fill("Attic");
      await grace.locator("#room-name").press("Enter");
      await grace.locator("#rooms [aria-current=true]", { hasText: "Attic" }).waitFor();
      await ada.locator("#rooms", { hasText: "Attic" }).waitFor();
      await say(ada, "nobody in the attic hears this");
      await say(grace, "dusty up here");
      await grace.locator("#messages .said", { hasText: "dusty" }).waitFor();
      assert.deepEqual(await words(grace), ["dusty up here"]);
      assert.equal(await hasInk(grace, 500, 300), false);

      await grace.locator("#rooms button", { hasText: "Lobby" }).click();
      await heard(grace, "nobody in the attic hears this");
      await inked(grace, 500, 300);
      assert.equal((await words(ada)).includes("dusty up here"), false);
    });

    test("nonsense is heard by nobody, and of too much what is allowed", async () => {
      const here = await grace.evaluate(babble);
      await ada.locator("#messages .note", { hasText: /^x{24} came in$/ }).waitFor();
      await heard(ada, "y".repeat(500));
      await inked(ada, 700, 700);
      assert.deepEqual(here, { room: "Lobby", people: 3, colour: 1 });
    });

    test("a wiped board is empty for all", async () => {
      await grace.locator("#clear").click();
      await ada.locator("#messages .note", { hasText: "Grace wiped the board" }).waitFor();
      assert.equal(await hasInk(ada, 500, 300), false);
    });

    test("polls alone do it, where no WebSocket gets through", async () => {
      const page = await browsers.Ada.newPage();
      await page.routeWebSocket(/.*/, (socket) => socket.close());
      await page.goto(`${server.page}/`);
      await page.locator("#state.here", { hasText: "polling" }).waitFor();
      await say(page, "by polls");
      await heard(grace, "by polls");
      await say(grace, "to polls");
      await heard(page, "to polls");
      await page.close();
    });

    test("nobody complained", () => assert.deepEqual(complaints, []));
  });
}

async function say(page, text) {
  await page.locator("#words").fill(text);
  await page.locator("#words").press("Enter");
}

async function heard(page, text) {
  await page.locator("#messages .message p").getByText(text, { exact: true }).waitFor();
}

/** What was said, in the order in which it stands. */
function words(page) {
  return page.locator("#messages .message p").allTextContents();
}

/** Draws through positions of the board. */
async function draw(page, positions) {
  const box = await page.locator("#ink").boundingBox();
  const [first, ...others] = positions.map(([x, y]) => [
    box.x + (x * box.width) / BOARD.width,
    box.y + (y * box.height) / BOARD.height,
  ]);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const position of others) await page.mouse.move(...position, { steps: 10 });
  await page.mouse.up();
}

/** Runs in the browser: somebody who does not care for what events look like. Resolves with how the room takes him. */
async function babble() {
  const { Socket } = await import("/client.js");
  let socket;
  const connected = new Promise((resolve) => {
    socket = new Socket({ path: "/socket.io/", namespace: "/lounge", life() {}, welcome: resolve });
  });
  socket.plug();
  await connected;
  for (const event of ["enter", "join", "leave", "say", "draw", "cursor", "typing", "clear", "what"]) {
    for (const data of [null, 5, "x", [], {}, { name: 5, room: 5, text: {}, points: "x", x: -1 }]) {
      // Nobody answers most of it, and nobody has to.
      socket.call(event, data).catch(() => {});
    }
  }
  const { person } = await socket.call("enter", { name: "x".repeat(10_000), colour: 99 });
  const { room, people } = await socket.call("join", { room: "Lobby" });
  await socket.call("say", { key: "y".repeat(100), text: "y".repeat(10_000) });
  await socket.call("draw", { stroke: "z".repeat(100), from: 0, ink: 1, width: 1, points: Array(9_999).fill(700) });
  socket.unplug();
  return { room, people: people.length, colour: person.colour };
}

/** Runs in the browser: whether there is ink at a position of the board. */
function ink([x, y, { width, height }]) {
  const canvas = document.querySelector("#ink");
  const at = [Math.round((x * canvas.width) / width), Math.round((y * canvas.height) / height)];
  return canvas.getContext("2d").getImageData(...at, 1, 1).data[3] > 0;
}

const hasInk = (page, x, y) => page.evaluate(ink, [x, y, BOARD]);
const inked = (page, x, y) => page.waitForFunction(ink, [x, y, BOARD]);
