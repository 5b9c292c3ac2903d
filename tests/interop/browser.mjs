// Headless Chromium for a test file: call it once, outside of all tests. CHROMIUM names the browser.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

// No sandbox, for CI is root; and nothing that looks for hosts outside.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser before the tests, and ends it behind them; `newPage` opens a page. */
export function browser() {
  let context, profile;
  before(async () => {
    profile = await mkdtemp(join(tmpdir(), "sansocket-chromium-"));
    const executablePath = execFileSync("which", [process.env.CHROMIUM ?? "chromium"], { encoding: "utf8" }).trim();
    context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS, headless: true });
  });
  after(async () => {
    await context?.close();
    await rm(profile, { recursive: true, force: true });
  });
  return { newPage: () => context.newPage() };
}
