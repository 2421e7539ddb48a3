import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { serveVenues } from "../testing/serve-venues.ts";
import { browserPath, openPage, skipReason, startBrowser, untilTitle, verdictsOf } from "./testing/browser.ts";
import { startProxy } from "./testing/tcp-proxy.ts";

describe.skipIf(!browserPath)(`the page in a browser${skipReason}`, () => {
	let browser: Browser;
	let venues: Awaited<ReturnType<typeof serveVenues>>;
	let agent: Awaited<ReturnType<typeof startRun>>;
	let proxy: Awaited<ReturnType<typeof startProxy>>;
	let file: string;
	/** How many agents these tests have started. The history has a record of each start. */
	let starts = 0;
	const startAgent = async (): Promise<void> => {
		agent = await startRun(file);
		starts += 1;
	};
	beforeAll(async () => {
		browser = await startBrowser();
		venues = await serveVenues();
		file = venues.configure(["deribit", "bybit"]);
		// The port is fixed, so that an agent that is restarted has the same URL.
		writeFileSync(file, readFileSync(file, "utf8").replace("port: 0", `port: ${await freePort()}`));
		await startAgent();
		proxy = await startProxy(agent.url);
	});
	beforeEach(async () => {
		await until(agent.url, "/readyz", 200);
	});
	afterEach(() => {
		// A test that failed may have left the agent frozen.
		agent.kill("SIGCONT");
		venues.links.deribit.heal();
		proxy.heal();
	});
	afterAll(async () => {
		await browser?.close();
		await proxy?.close();
		agent?.kill("SIGKILL");
		await agent?.ended;
		await venues?.close();
	});

	const open = () => openPage(browser, proxy.url);

	/** Opens the page behind a proxy of its own, for tests that run at the same time. */
	async function openApart() {
		const network = await startProxy(agent.url);
		const { page, close } = await openPage(browser, network.url);
		await untilTitle(page, /^All armed$/);
		return {
			page,
			network,
			close: async () => {
				await close();
				await network.close();
			},
		};
	}
	const hedge = async () => JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text);

	/** Waits until the agent no longer reports the session as armed, and returns when that was. */
	async function untilNotArmed(): Promise<number> {
		while ((await hedge()).armed) await pause(10);
		return performance.now();
	}

	it("the page shows that all sessions are armed, and shows a session's loss and recovery within 2 s", async () => {
		const { page, errors, close } = await open();
		await untilTitle(page, /^All armed$/);
		expect(await verdictsOf(page)).toEqual(["Armed", "Armed"]);
		expect(await page.title()).toMatch(/^✓ All armed/);

		venues.links.deribit.drop();
		venues.links.deribit.partition();
		const knownAt = await untilNotArmed();
		await untilTitle(page, /^NOT armed: 1 of 2$/);
		expect(performance.now() - knownAt).toBeLessThan(2_000);
		expect(await verdictsOf(page)).toEqual(["NOT armed", "Armed"]);
		expect(await page.title()).toMatch(/^✕ NOT armed: 1 of 2/);
		expect(await page.locator("#not-ready a").allTextContents()).toEqual(["hedge"]);
		expect(await page.locator("#session-0 .wrong").textContent()).not.toBe("");

		venues.links.deribit.heal();
		await untilTitle(page, /^All armed$/, 60_000);
		expect(errors).toEqual([]);
		await close();
	});

	it("the page shows exactly once each change that happened while the event stream was cut", async () => {
		const { page, close } = await open();
		await untilTitle(page, /^All armed$/);
		const lastIds: (string | undefined)[] = [];
		page.on("request", (request) => {
			if (request.url().endsWith("/v1/events")) lastIds.push(request.headers()["last-event-id"]);
		});
		proxy.refuse();
		venues.links.deribit.drop();
		await untilNotArmed();
		await until(agent.url, "/readyz", 200);
		proxy.heal();
		const losses = page.locator("#change-list li", { hasText: "hedge lost" });
		const { tally } = await hedge();
		await losses.nth(tally.losses - 1).waitFor();
		await untilTitle(page, /^All armed$/);
		expect(lastIds.at(-1)).toMatch(/^\d+-\d+$/);
		expect(await losses.count()).toBe(tally.losses);
		expect(await page.locator("#change-list li").first().textContent()).toContain("hedge alive, armed");
		await close();
	});

	it("the page turns grey when the agent is killed, says since when it had no answer, and shows no session as armed", async () => {
		const { page, close } = await open();
		await untilTitle(page, /^All armed$/);
		const killedAt = performance.now();
		agent.kill("SIGKILL");
		await untilTitle(page, /^No word from the agent$/, 10_000);
		expect(performance.now() - killedAt).toBeLessThan(6_000);
		expect(await verdictsOf(page)).toEqual(["Unknown", "Unknown"]);
		expect(await page.locator("#detail").textContent()).toMatch(/^Since \d\d:\d\d:\d\d \(\d+ s\): no answer\./);
		expect(await page.locator("#session-0 .known").textContent()).toMatch(/^At \d\d:\d\d:\d\d it was: Armed$/);
		expect(await styleOf(page, "main", "filter")).toBe("grayscale(1)");
		expect(await page.title()).toMatch(/^\? No word/);

		await startAgent();
		await untilTitle(page, /^All armed$/, 60_000);
		expect(await styleOf(page, "main", "filter")).toBe("none");
		await close();
	});

	it("the page turns grey when the agent's process is frozen, and recovers by itself", async () => {
		const { page, close } = await open();
		await untilTitle(page, /^All armed$/);
		agent.kill("SIGSTOP");
		await untilTitle(page, /^No word from the agent$/, 10_000);
		expect(await verdictsOf(page)).toEqual(["Unknown", "Unknown"]);
		agent.kill("SIGCONT");
		await untilTitle(page, /^All armed$/, 60_000);
		await close();
	});

	it("the page reads the history when the agent no longer has the events that the page missed", async () => {
		const { page, close } = await open();
		await untilTitle(page, /^All armed$/);
		const shown = page.locator("#change-list li", { hasText: "agent started" });
		await shown.nth(starts - 1).waitFor();
		expect(await shown.count()).toBe(starts);
		agent.kill("SIGKILL");
		await agent.ended;
		// The new process does not know the id of the page's last event, so it cannot send the events that the page missed.
		await startAgent();
		await shown.nth(starts - 1).waitFor();
		await page
			.locator("#change-list li", { hasText: "agent found-dead" })
			.nth(starts - 2)
			.waitFor();
		await close();
	});

	it("the page announces changes of state to screen readers, and announces nothing while no state changes", async () => {
		const { page, close } = await open();
		await untilTitle(page, /^All armed$/);
		const announcements = () => page.evaluate<string[]>("announcements");
		await page.evaluate(`
			announcements = [];
			const live = document.getElementById("announcer");
			new MutationObserver(() => announcements.push(live.textContent)).observe(live, { childList: true, subtree: true });
		`);
		// The page gets several answers during this wait, in which only the ages of the sessions change.
		await page
			.locator("#session-0 dd", { hasText: /\((5|\d\d) s\)|min/ })
			.first()
			.waitFor();
		expect(await announcements()).toEqual([]);
		venues.links.deribit.drop();
		venues.links.deribit.partition();
		await untilTitle(page, /^NOT armed: 1 of 2$/);
		// This wait is long enough for the page to be drawn several more times.
		await pause(1_000);
		expect(await announcements()).toEqual(["NOT armed: 1 of 2. hedge: NOT armed"]);
		await close();
	});

	it.concurrent("the page turns grey when the network passes no data on, and recovers by itself", async () => {
		const { page, network, close } = await openApart();
		network.freeze();
		await untilTitle(page, /^No word from the agent$/, 10_000);
		expect(await verdictsOf(page)).toEqual(["Unknown", "Unknown"]);
		network.heal();
		await untilTitle(page, /^All armed$/, 60_000);
		await close();
	});

	it.concurrent("the page turns grey when only the event stream is down", async () => {
		const { page, network, close } = await openApart();
		await page.route("**/v1/events", (route) => route.abort());
		network.cut();
		await untilTitle(page, /^Event stream down$/, 10_000);
		expect(await verdictsOf(page)).toEqual(["Unknown", "Unknown"]);
		await page.unroute("**/v1/events");
		await untilTitle(page, /^All armed$/);
		await close();
	});

	it.concurrent("the page recognizes an old answer that a proxy sends again, and does not show it as current", async () => {
		const { page, close } = await openApart();
		const old = await call(agent.url, "/v1/sessions");
		await page.route("**/v1/sessions", (route) => route.fulfill({ contentType: "application/json", body: old.text }));
		await untilTitle(page, /^No word from the agent$/, 10_000);
		expect(await page.locator("#detail").textContent()).toContain(
			"the answers are old copies, which a proxy or a cache has kept",
		);
		await close();
	});

	it.concurrent("the page requests nothing and shows nothing as armed while it is hidden", async () => {
		const { page, close } = await openApart();
		await setHidden(page, true);
		await untilTitle(page, /^Paused$/);
		expect(await verdictsOf(page)).toEqual(["Unknown", "Unknown"]);
		const requests: string[] = [];
		page.on("request", (request) => requests.push(request.url()));
		await pause(2_500);
		expect(requests).toEqual([]);
		await setHidden(page, false);
		await untilTitle(page, /^All armed$/);
		await close();
	});

	it.concurrent("the page is covered by an overlay when its script stops", async () => {
		const { page, close } = await openApart();
		const opacity = () => styleOf(page, "#curtain", "opacity");
		expect(await opacity()).toBe("0");
		await page.evaluate("window.fetch = () => new Promise(() => {}); window.setTimeout = () => 0; undefined");
		while ((await opacity()) !== "1") await pause(50);
		await close();
	});
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the page believe that its tab is hidden or visible: a headless browser never hides a tab. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
	await page.evaluate(`
		Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} });
		document.dispatchEvent(new Event("visibilitychange"));
	`);
}

const styleOf = (page: Page, selector: string, name: string): Promise<string> =>
	page.evaluate(`getComputedStyle(document.querySelector("${selector}")).${name}`);

/** Finds a port that is free at the moment. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === "object" && address ? address.port : 0;
}
