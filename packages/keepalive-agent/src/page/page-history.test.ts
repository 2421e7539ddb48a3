import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRun, until } from "../testing/agent-process.ts";
import { serveVenues } from "../testing/serve-venues.ts";
import { browserPath, openPage, skipReason, startBrowser, untilTitle } from "./testing/browser.ts";

const docs = join(import.meta.dirname, "../../docs");

/** Writes a screenshot for the README, but only when the tests run in `npm run screenshots`. */
async function picture(page: Page, name: string): Promise<void> {
	if (!process.env["SCREENSHOTS"]) return;
	mkdirSync(docs, { recursive: true });
	await page.screenshot({ path: join(docs, `${name}.png`) });
}

describe.skipIf(!browserPath)(`the history on the status page${skipReason}`, () => {
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
		await agent?.ended;
		await venues?.close();
	});

	it("the page shows a session's loss with its cause, the timeline as a picture and as a table, and active alerts first", async () => {
		const { page, errors, close } = await openPage(browser, agent.url, { viewport: { width: 960, height: 640 } });
		await untilTitle(page, /^2 armed, 1 alive$/);
		venues.links.deribit.drop();
		venues.links.deribit.partition();
		await untilTitle(page, /^NOT armed: 1 of 3$/);
		const loss = page.locator("#losses tbody tr", { hasText: "hedge" });
		await loss.waitFor();
		expect(await loss.locator("td").nth(2).textContent()).toBe("not over");
		expect(await loss.locator("td").nth(3).textContent()).toBe("unexpected");
		expect(await loss.locator("td").nth(4).textContent()).toContain("connection lost");
		const alert = page.locator("#alert-list .alert").first();
		await alert.waitFor();
		expect(await alert.getAttribute("data-active")).toBe("true");
		expect(await alert.textContent()).toContain("hedge");
		await picture(page, "page-not-armed");

		venues.links.deribit.heal();
		await untilTitle(page, /^2 armed, 1 alive$/, 60_000);
		await page.getByLabel("hour", { exact: true }).check();
		// Waits until the timeline shows how long the loss lasted. The timeline shows that only after the loss has ended.
		await loss.locator("td:nth-child(3)", { hasText: /^for \d+ s$/ }).waitFor();
		const bar = page.getByRole("img", { name: /^hedge: .*losses: 1, 0 of them expected$/ });
		await bar.waitFor();
		expect(await bar.locator(".loss").count()).toBe(1);
		expect(await page.getByRole("img", { name: /^hedge: exposure/ }).count()).toBe(1);
		await page.getByText("Table of hedge").click();
		const rows = await page.locator("details[open] tbody tr").allTextContents();
		expect(rows.filter((row) => row.includes("connection lost")).length).toBeGreaterThan(0);
		expect(rows.filter((row) => row.includes("armed")).length).toBeGreaterThan(1);
		if (process.env["SCREENSHOTS"]) {
			await page.getByText("Table of hedge").click();
			await page.locator("#timeline-heading").evaluate((heading) => heading.scrollIntoView());
			await picture(page, "page-timeline");
		}
		expect(errors).toEqual([]);
		await close();
	});
});
