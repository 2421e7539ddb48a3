import type { Browser } from "playwright-core";
import type { components } from "../generated/schema.ts";
import { openPage } from "../page/testing/browser.ts";
import { read } from "./agent-process.ts";

type Schemas = components["schemas"];
/** The names of the sessions of a soak, a long test with many injected faults. */
export type SessionName = "hedge" | "maker" | "broker";

/** How many losses of one session the agent reports, in each place where it reports them. All numbers have to be equal. */
export interface LossCounts {
	readonly tally: number;
	readonly metrics: number;
	readonly history: number;
	readonly timeline: number;
	/** How many losses the page shows in a browser; missing if there is no browser. */
	readonly page?: number;
	readonly alerts: number;
	/** How many messages about a loss the alert channel has received. */
	readonly messages: number;
	/** How many alerts are resolved. After repeated losses this is one less than `alerts` for a while: the last alert is resolved late. */
	readonly resolvedAlerts: number;
}

/** The messages that the alert channel has received. */
export type Messages = readonly { readonly body: Readonly<Record<string, unknown>> }[];

const isLoss = (kind: unknown): boolean => kind === "loss" || kind === "expected-loss";

/** Collects how many losses the agent reports in each place, for the time since `since`. */
export async function countLosses(url: string, since: number, messages: Messages, browser: Browser | undefined) {
	const shown = browser && (await lossesOnPage(browser, url));
	const records = await historyOf(url);
	const { text: metrics } = await read(url, "/metrics");
	const { sessions } = JSON.parse((await read(url, "/v1/sessions")).text) as Schemas["SessionList"];
	const timeline = JSON.parse((await read(url, `/v1/timeline?from=${since}`)).text) as Schemas["Timeline"];
	const countsOf = (name: SessionName): LossCounts => {
		const ofSession = records.filter((record) => "session" in record && record.session === name);
		const alerts = ofSession.flatMap((record) => (record.type === "alert" && isLoss(record.kind) ? [record] : []));
		const samples = metrics.matchAll(
			new RegExp(`^keepalive_session_losses_total\\{session="${name}".*\\} (\\d+)$`, "gm"),
		);
		const page = shown?.get(name);
		return {
			tally: sessions.find((session) => session.name === name)?.tally.losses ?? 0,
			metrics: [...samples].reduce((sum, [, value]) => sum + Number(value), 0),
			history: ofSession.filter((record) => record.type === "status" && record.status.state === "lost").length,
			timeline: timeline.sessions.find((session) => session.name === name)?.lossCount ?? 0,
			...(page !== undefined && { page }),
			alerts: alerts.filter(({ state }) => state === "raised").length,
			messages: messages.filter(
				({ body: { session, kind, state } }) => session === name && isLoss(kind) && state === "raised",
			).length,
			resolvedAlerts: alerts.filter(({ state }) => state === "resolved").length,
		};
	};
	return { hedge: countsOf("hedge"), maker: countsOf("maker"), broker: countsOf("broker") };
}

/** Reads the number of losses of each session from the page's charts of the last 7 days. */
async function lossesOnPage(browser: Browser, url: string): Promise<ReadonlyMap<string, number>> {
	const { page, close } = await openPage(browser, url);
	await page
		.getByRole("img", { name: /; (no losses|losses: \d+)/ })
		.first()
		.waitFor();
	const loaded = page.waitForResponse((response) => response.url().includes("/v1/timeline"));
	await page.getByRole("radio", { name: "7 days" }).check();
	await (await loaded).finished();
	// The page draws the charts before the next frame.
	await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
	const labels = await page.locator(".bar").evaluateAll((bars) => bars.map((bar) => bar.getAttribute("aria-label")));
	await close();
	return new Map(
		labels.map((label) => [label?.split(":")[0] ?? "", Number(/; losses: (\d+)/.exec(label ?? "")?.[1] ?? 0)]),
	);
}

async function historyOf(url: string): Promise<Schemas["AgentRecord"][]> {
	const found: Schemas["AgentRecord"][] = [];
	for (let next = ""; ; ) {
		const query = `from=0&limit=1000${next && `&before=${encodeURIComponent(next)}`}`;
		const page = JSON.parse((await read(url, `/v1/history?${query}`)).text) as Schemas["HistoryPage"];
		found.push(...page.records);
		if (page.next === undefined) return found;
		next = page.next;
	}
}
