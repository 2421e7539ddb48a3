import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { clockFactor } from "../../testing/fast-clock.ts";

/** Where Debian, Ubuntu and Google put the browser. */
const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser of this machine, if there is one. */
export const browserPath: string | undefined = paths.find((path) => existsSync(path));

/** Why the tests in a browser are skipped, for their title; empty if they are not. */
export const skipReason: string =
	browserPath === undefined ? " (skipped: there is no chromium; apt-get install chromium)" : "";

/** The browser keeps real time, also beside a fast clock. */
const timeoutMs = (): number => 30_000 * clockFactor();

/** Starts the browser. The caller closes it. */
export function startBrowser(): Promise<Browser> {
	if (browserPath === undefined) throw new Error("there is no chromium");
	// Its own sandbox does not work for root, as whom CI runs; the pages are our own.
	return chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"], timeout: timeoutMs() });
}

/** Opens the page in a window of its own, with the errors that the browser reports. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
	context.setDefaultTimeout(timeoutMs());
	const page = await context.newPage();
	const errors: string[] = [];
	page.on("pageerror", (error) => errors.push(error.message));
	page.on("console", (message) => {
		// A refused connection is an error to the browser, and is what some tests want.
		if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) errors.push(message.text());
	});
	await page.goto(url);
	const close = async (): Promise<void> => {
		// A route that waits for an answer would fail when the window is gone.
		await page.unrouteAll({ behavior: "ignoreErrors" });
		await context.close();
	};
	return { page, errors, close };
}

/** Waits until the sentence at the top of the page is this one. */
export async function untilTitle(page: Page, text: string | RegExp, timeout = 30_000): Promise<void> {
	await page.locator("#title-word").filter({ hasText: text }).waitFor({ timeout });
}

/** The words in which each session's state is shown, in the order of the configuration. */
export const verdictsOf = (page: Page): Promise<string[]> => page.locator(".verdict .word").allTextContents();
