import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { clockFactor } from "../../testing/fast-clock.ts";

/** The paths at which Debian, Ubuntu and Google install the browser. */
const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The path of this machine's browser; undefined if there is none. */
export const browserPath: string | undefined = paths.find((path) => existsSync(path));

/** Why the browser tests are skipped, as a part of their titles; empty if the tests are not skipped. */
export const skipReason: string =
	browserPath === undefined ? " (skipped: there is no chromium; apt-get install chromium)" : "";

/** The deadline is scaled, because the browser runs in real time even if the clock of the test runs faster. */
const timeoutMs = (): number => 30_000 * clockFactor();

/** Starts the browser. The caller must close it. */
export function startBrowser(): Promise<Browser> {
	if (browserPath === undefined) throw new Error("there is no chromium: install it");
	// The sandbox of the browser is off: it does not work for root, the user in CI, and it is not needed, because the pages are our own.
	return chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"], timeout: timeoutMs() });
}

/** Opens a page in a browser context of its own, and collects the errors that the browser reports. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
	context.setDefaultTimeout(timeoutMs());
	const page = await context.newPage();
	const errors: string[] = [];
	page.on("pageerror", (error) => errors.push(error.message));
	page.on("console", (message) => {
		// A refused connection is not collected: the browser reports it as an error, but some tests cause it on purpose.
		if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) errors.push(message.text());
	});
	await page.goto(url);
	const close = async (): Promise<void> => {
		// Without this call, a route that still waits for an answer would fail once the page is closed.
		await page.unrouteAll({ behavior: "ignoreErrors" });
		await context.close();
	};
	return { page, errors, close };
}

/** Waits until the sentence at the top of the page matches. */
export async function untilTitle(page: Page, text: string | RegExp, timeout = 30_000): Promise<void> {
	await page.locator("#title-word").filter({ hasText: text }).waitFor({ timeout });
}

/** Returns the words that show the state of each session, in the order of the configuration. */
export const verdictsOf = (page: Page): Promise<string[]> => page.locator(".verdict .word").allTextContents();
