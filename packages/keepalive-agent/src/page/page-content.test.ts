import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BotClient, botToken } from "../relay/testing/bot-client.ts";
import { call, startRun } from "../testing/agent-process.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";
import { browserPath, openPage, skipReason, startBrowser, untilTitle, verdictsOf } from "./testing/browser.ts";

describe.skipIf(!browserPath)(`the status page in a browser${skipReason}`, () => {
	let browser: Browser;
	let venues: Awaited<ReturnType<typeof serveVenues>>;
	beforeAll(async () => {
		browser = await startBrowser();
		venues = await serveVenues();
	});
	afterAll(async () => {
		await browser?.close();
		await venues?.close();
	});

	/** Runs an agent as long as `use` runs. */
	async function withAgent(file: string, use: (url: string) => Promise<void>, environment = secrets): Promise<void> {
		const agent = await startRun(file, environment);
		try {
			await use(agent.url.replace("0.0.0.0", "127.0.0.1"));
		} finally {
			agent.kill("SIGKILL");
			await agent.ended;
		}
	}

	it("the page never shows a session without protection as armed, and counts up the time since its last acknowledged beat", async () => {
		await withAgent(venues.configure(["ibkr"]), async (url) => {
			const { page, errors, close } = await openPage(browser, url);
			await untilTitle(page, /^All alive, no protection$/);
			expect(await verdictsOf(page)).toEqual(["Alive, no protection"]);
			expect(await page.locator(".layers li").allTextContents()).toEqual([
				"✓ gateway up",
				"✓ login up",
				"✓ brokerage up",
			]);
			expect(await page.locator("#session-0 dl > div:visible", { hasText: "Exposure" }).textContent()).toBe(
				"Exposurewithout end: the venue cancels no orders",
			);
			const proof = page.locator("#session-0 dl > div", { hasText: "Last sign of life" }).locator("dd");
			expect(await page.locator("#session-0 dl > div:visible", { hasText: "Read back as armed" }).count()).toBe(0);
			for (const text of ["2 s ago", "3 s ago", "4 s ago"]) await proof.filter({ hasText: text }).waitFor();
			expect(errors).toEqual([]);
			await close();
		});
	});

	it("the page shows the results of `keepalive drill` with their age, and that a new drill is due", async () => {
		const file = venues.configure(["deribit"], "drill: { maxAgeDays: 30 }\n");
		const result = { verdict: "proved" };
		const drill = { type: "drill", version: 1, at: Date.now() - 3_600_000, session: "hedge", kill: "freeze", result };
		writeFileSync(
			join(venues.folder, "keepalive.drills.jsonl"),
			`${JSON.stringify({ ...drill, fingerprint: "old" })}\n`,
		);
		await withAgent(file, async (url) => {
			const { page, errors, close } = await openPage(browser, url);
			const row = page.locator("#session-0 dl > div:visible", { hasText: "Proved by a drill" }).locator("dd");
			const due = "a drill is due: no drill has proved what happens with --kill close, kill";
			await row
				.filter({ hasText: `freeze: proved 1 h 0 min ago, with other settings; ${due}` })
				.waitFor({ timeout: 20_000 });
			expect(errors).toEqual([]);
			await close();
		});
		rmSync(join(venues.folder, "keepalive.drills.jsonl"));
	});

	it("the page shows what a person has to do, both in the card of the session and at the top", async () => {
		const unattended = await serveVenues({ ibkr: { start: "none" } });
		await withAgent(unattended.configure(["ibkr", "deribit"]), async (url) => {
			const { page, close } = await openPage(browser, url);
			await untilTitle(page, /^NOT alive: 1 of 2$/);
			await page.locator("#session-0 .todo", { hasText: /^A person has to act: Log in at/ }).waitFor();
			expect(await page.locator("#not-ready li").allTextContents()).toEqual(["broker: a person has to act"]);
			await page.locator("#not-ready a").click();
			expect(await page.evaluate("document.activeElement.id")).toBe("session-0");
			await close();
		});
		await unattended.close();
	});

	it("the page shows a message of the venue that contains HTML as plain text", async () => {
		const html = `<img src="x" onerror="document.title = 'owned'"><b>bold</b>`;
		const venue = createServer((_, response) => {
			response.setHeader("content-type", "application/json");
			response.end(JSON.stringify({ retCode: 10_001, retMsg: html, result: {}, time: Date.now() }));
		});
		await new Promise<void>((resolve) => venue.listen(0, "127.0.0.1", resolve));
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		const { port } = venue.address() as AddressInfo;
		const file = venues.configure(["deribit", "bybit"]);
		const [others = "", bybit = ""] = readFileSync(file, "utf8").split(/(?=^ {2}maker:)/m);
		writeFileSync(file, others + bybit.replaceAll(/(?<=127\.0\.0\.1:)\d+/g, String(port)));
		await withAgent(file, async (url) => {
			const { page, errors, close } = await openPage(browser, url);
			await page.locator("#session-1 .wrong", { hasText: html }).waitFor();
			await page.locator("#change-list li", { hasText: html }).first().waitFor();
			expect(await page.locator("img, main b").count()).toBe(0);
			expect(await page.title()).not.toContain("owned");
			expect(errors).toEqual([]);
			await close();
		});
		venue.closeAllConnections();
		venue.close();
	});

	it("the page shows the new events of every bot at the relay while the page is open", async () => {
		const bots = ["maker", "taker"];
		const tokens = bots.map((bot) => `    ${bot}: { token: "env:TOKEN_OF_${bot}" }\n`);
		const file = venues.configure(["deribit"], `relay:\n  port: 0\n  bots:\n${tokens.join("")}`);
		const environment = Object.fromEntries(bots.map((bot) => [`TOKEN_OF_${bot}`, botToken(bot)]));
		await withAgent(
			file,
			async (url) => {
				const { page, errors, close } = await openPage(browser, url);
				await untilTitle(page, /^All armed$/);
				const { text } = await call(url, "/v1/sessions/hedge");
				const clients = bots.map(async (bot) => (await BotClient.open(JSON.parse(text).relay.url)).login(bot));
				for (const client of await Promise.all(clients)) client.socket.terminate();
				for (const bot of bots) {
					for (const event of ["connected", "lost"]) {
						await page.locator("#change-list li", { hasText: `${bot} ${event}` }).waitFor();
					}
				}
				expect(errors).toEqual([]);
				await close();
			},
			{ ...secrets, ...environment },
		);
	});

	it("the page asks for the token if the API requires one for reading, and never puts the token into a URL", async () => {
		const file = venues.configure(["deribit"]);
		writeFileSync(file, readFileSync(file, "utf8").replace("port: 0", "port: 0, host: 0.0.0.0"));
		await withAgent(file, async (url) => {
			const { page, errors, close } = await openPage(browser, url);
			const urls: string[] = [];
			page.on("request", (request) => urls.push(request.url()));
			await untilTitle(page, /^Token needed$/);
			expect(await page.evaluate("document.activeElement.id")).toBe("token");
			await page.keyboard.type("wrong");
			await page.keyboard.press("Enter");
			await page.locator("#token-note", { hasText: "That token was refused." }).waitFor();
			expect(urls.filter((each) => each.endsWith("/v1/sessions")).length).toBe(1);
			await page.locator("#token").fill(secrets.KEEPALIVE_TOKEN);
			await page.keyboard.press("Enter");
			await untilTitle(page, /^All armed$/);
			// The page gets this loss over the event stream, which proves that the stream accepts the token too.
			venues.links.deribit.drop();
			await page.locator("#change-list li", { hasText: "hedge lost" }).waitFor();
			await page.reload();
			await untilTitle(page, /^All armed$/);
			expect(urls.join()).not.toContain(secrets.KEEPALIVE_TOKEN);
			expect(page.url()).toBe(`${url}/`);
			expect(await page.content()).not.toContain(secrets.KEEPALIVE_TOKEN);
			await page.locator("#forget").click();
			await untilTitle(page, /^Token needed$/);
			expect(errors).toEqual([]);
			await close();
		});
	});
});
