import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPageFiles } from "../read-own-package-files.ts";
import { startRun, until } from "../testing/agent-process.ts";
import { serveVenues } from "../testing/serve-venues.ts";
import { browserPath, openPage, skipReason, startBrowser, untilTitle } from "./testing/browser.ts";

const phone = { width: 360, height: 740 };

describe.skipIf(!browserPath)(`the accessibility of the status page${skipReason}`, () => {
	let browser: Browser;
	let venues: Awaited<ReturnType<typeof serveVenues>>;
	let agent: Awaited<ReturnType<typeof startRun>>;
	beforeAll(async () => {
		browser = await startBrowser();
		venues = await serveVenues();
		agent = await startRun(venues.configure(["deribit", "bybit", "ibkr"]));
		await until(agent.url, "/readyz", 200);
	});
	afterAll(async () => {
		await browser?.close();
		agent?.kill("SIGKILL");
		await venues?.close();
	});

	/** Each function brings the page into the state that the name of the function describes. */
	const states: Readonly<Record<string, (page: Page) => Promise<void>>> = {
		ready: async (page) => {
			await untilTitle(page, /^2 armed, 1 alive$/);
			for (const summary of await page.locator("summary").all()) await summary.click();
		},
		"not ready": async (page) => {
			await page.route("**/v1/sessions", async (route) => {
				const list = await (await route.fetch()).json();
				Object.assign(list.sessions[0], {
					ready: false,
					armed: false,
					needsHuman: true,
					status: {
						state: "blocked",
						todo: "log in",
						nextTryAt: list.at + 60_000,
						cause: { name: "Error", message: "refused" },
					},
				});
				await route.fulfill({ json: list });
			});
			await untilTitle(page, /^NOT armed: 1 of 3$/);
		},
		grey: async (page) => {
			await untilTitle(page, /^2 armed, 1 alive$/);
			await page.route("**/v1/**", (route) => route.abort());
			await untilTitle(page, /^No word from the agent$/);
		},
		"without a token": async (page) => {
			await page.route("**/v1/**", (route) => route.fulfill({ status: 401, json: {} }));
			await untilTitle(page, /^Token needed$/);
		},
		connecting: async (page) => {
			await page.route("**/v1/**", (route) => route.abort());
			await untilTitle(page, /^Connecting to the agent$/);
		},
	};
	const cases = Object.keys(states).flatMap((state) =>
		(["light", "dark"] as const).map((scheme) => ({ state, scheme })),
	);

	it.each(cases)("the page passes axe (accessibility) and fits a phone: $state, $scheme", async ({ state, scheme }) => {
		// The routes are set before the page is loaded, so that they apply to the page's first request.
		const { page, errors, close } = await openPage(browser, "about:blank", {
			colorScheme: scheme,
			reducedMotion: "reduce",
		});
		const reached = states[state]?.(page);
		await page.goto(agent.url);
		await reached;
		for (const viewport of [{ width: 1280, height: 900 }, phone]) {
			await page.setViewportSize(viewport);
			expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
			await page.evaluate(axe.source);
			const { violations, passes } = await page.evaluate<axe.AxeResults>(
				`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`,
			);
			expect(
				violations.map(({ id, impact, nodes }) => ({
					id,
					impact,
					html: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
				})),
			).toEqual([]);
			expect(passes.map(({ id }) => id)).toContain("color-contrast");
		}
		expect(errors).toEqual([]);
		await close();
	});

	it("the page shows a hundred sessions, and links to the session that is not ready", async () => {
		const { page, errors, close } = await openPage(browser, "about:blank", { viewport: phone });
		// Answers with a hundred copies of the agent's first session.
		await page.route("**/v1/sessions", async (route) => {
			const list = await (await route.fetch()).json();
			const sessions = Array.from({ length: 100 }, (_, at) => ({ ...list.sessions[0], name: `hedge-${at}` }));
			Object.assign(sessions[70] ?? {}, {
				ready: false,
				armed: false,
				notReadyReason: "lost",
				status: { state: "opening", attempt: 2 },
			});
			await route.fulfill({ json: { ...list, sessions } });
		});
		await page.goto(agent.url);
		await untilTitle(page, /^NOT armed: 1 of 100$/);
		expect(await page.locator(".session").count()).toBe(100);
		expect(await page.locator("#not-ready a").allTextContents()).toEqual(["hedge-70"]);
		await page.locator("#only-not-ready").check();
		expect(await page.locator(".session:visible h3").allTextContents()).toEqual(["hedge-70 deribit"]);
		expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(phone.width);
		// The page must be busy for less than half of the time, so that it can be used.
		const busyMs = await page.evaluate<number>(`new Promise((resolve) => {
			let busy = 0;
			const add = (list) => list.getEntries().forEach(({ duration }) => (busy += duration));
			new PerformanceObserver(add).observe({ type: "longtask" });
			setTimeout(() => resolve(busy), 4_000);
		})`);
		expect(busyMs).toBeLessThan(2_000);
		expect(errors).toEqual([]);
		await close();
	});

	it("the Tab key moves from the top of the page to the bottom, and the focus is always visible", async () => {
		const { page, close } = await openPage(browser, agent.url);
		await untilTitle(page, /^2 armed, 1 alive$/);
		const stops: string[] = [];
		for (;;) {
			await page.keyboard.press("Tab");
			const [name, outline] = await page.evaluate<[string, string]>(`[
				(document.activeElement.getAttribute("value") ?? document.activeElement.textContent).trim(),
				getComputedStyle(document.activeElement).outlineStyle,
			]`);
			if (await page.evaluate<boolean>("document.activeElement === document.body")) break;
			if (stops.length > 30) throw new Error(`the keyboard is caught: ${stops.join(", ")}`);
			stops.push(outline === "solid" ? name : `${name} (no outline: ${outline})`);
		}
		expect(stops.slice(0, 6)).toEqual(["Skip to the sessions", "Sessions", "Alerts", "Timeline", "Changes", "24"]);
		await page.keyboard.press("Tab");
		await page.keyboard.press("Enter");
		expect(await page.evaluate("document.activeElement.id")).toBe("sessions");
		await close();
	});

	it("the page is painted within a second, requests nothing from another site, and has less than 100 kB", async () => {
		const { page, close } = await openPage(browser, "about:blank");
		const urls: string[] = [];
		page.on("request", (request) => request.method() === "GET" && urls.push(request.url()));
		await page.goto(agent.url);
		await untilTitle(page, /^2 armed, 1 alive$/);
		const paintedMs = await page.evaluate<number>(
			`performance.getEntriesByName("first-contentful-paint")[0].startTime`,
		);
		expect(paintedMs).toBeLessThan(1_000);
		expect(urls.filter((url) => !url.startsWith(`${agent.url}/`))).toEqual([]);
		const files = readPageFiles().filter(([name]) => name !== "tsconfig.json");
		const served = urls.map((url) => new URL(url).pathname).filter((path) => !path.startsWith("/v1/"));
		expect(served.sort()).toEqual(files.map(([name]) => (name === "index.html" ? "/" : `/page/${name}`)).sort());
		const bytes = files.reduce((sum, [, body]) => sum + body.length, 0);
		expect(bytes).toBeLessThan(100_000);
		await close();
	});
});
