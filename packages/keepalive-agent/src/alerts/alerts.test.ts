import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AgentRecord, AlertRecord } from "../agent/agent-record.ts";
import { call, startRun, until } from "../testing/running-agent.ts";
import { planted, secrets, serveVenues } from "../testing/venues.ts";
import { answerWith, type HookServer, hookServer, type Received } from "./testing/hook-server.ts";

type Venues = Awaited<ReturnType<typeof serveVenues>>;

let venues: Venues;
let hook: HookServer;
let health: HookServer;
let stuck: HookServer;

beforeAll(async () => {
	venues = await serveVenues();
	[hook, health, stuck] = [await hookServer(), await hookServer(), await hookServer(() => undefined)];
});
beforeEach(() => {
	for (const server of [hook, health, stuck]) server.received.length = 0;
});
afterAll(async () => {
	await Promise.all([venues.close(), hook.close(), health.close(), stuck.close()]);
});

const environment = () => ({
	...secrets,
	HOOK: `${hook.url}/planted-hook`,
	STUCK: `${stuck.url}/planted-stuck`,
	PING: `${health.url}/planted-ping`,
	ROUTING_KEY: "planted-routing-key",
});

/** The whole section: everything is sent to one channel, and another one never answers. */
const alerts = (limits = "", healthcheck = "") => `alerts:
  ${limits}
  channels:
    all: { type: webhook, webhookUrl: "env:HOOK", token: "env:ROUTING_KEY", minSeverity: info }
    stuck: { type: slack, webhookUrl: "env:STUCK", minSeverity: info }
    oncall: { type: pagerduty, routingKey: "env:ROUTING_KEY", apiUrl: "${stuck.url}" }
  ${healthcheck}
`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const bodies = (server: HookServer) => server.received.map(({ body }) => body);
const lossesIn = (records: readonly Readonly<Record<string, unknown>>[], state: string) =>
	records.filter((record) => String(record["kind"]).endsWith("loss") && record["state"] === state);

async function recordsOf(url: string, type: AgentRecord["type"]): Promise<AgentRecord[]> {
	// The history is written a moment later.
	await pause(500);
	const { text } = await call(url, `/v1/history?type=${type}&limit=1000`);
	return (JSON.parse(text) as { readonly records: AgentRecord[] }).records;
}

/** The sum of a metric over what matches. */
function sumOf(metrics: string, name: string, labels = ""): number {
	const lines = metrics.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
	return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("alerts of an agent beside the simulators", () => {
	it("each loss gives one alert and one resolution, and metrics, history and messages agree, beside a channel that hangs", async () => {
		const agent = await startRun(venues.configure(["deribit", "bybit", "ibkr"], alerts()), environment());
		await until(agent.url, "/readyz", 200);
		const { deribit, bybit, ibkr } = venues.links;
		const plugs = [
			() => deribit.drop(),
			() => bybit.drop(),
			() => ibkr.faults.idle({}),
			() => deribit.drop(),
			() => venues.deribit.faults.maintenance({}),
		];
		for (const [index, pull] of plugs.entries()) {
			pull();
			const started = performance.now();
			while (lossesIn(bodies(hook), "raised").length < index + 1) await pause(20);
			// A channel that hangs delays no other: at IBKR the loss is noticed by the next tickle.
			expect(performance.now() - started).toBeLessThan(40_000);
			venues.deribit.faults.maintenance({ on: false });
			if (index < plugs.length - 1) await until(agent.url, "/readyz", 200);
		}
		await call(agent.url, "/v1/sessions/hedge/retry", { body: {} });
		while (lossesIn(bodies(hook), "resolved").length < plugs.length) await pause(50);

		const sent = bodies(hook);
		const history = (await recordsOf(agent.url, "alert")) as readonly AlertRecord[];
		const statuses = await recordsOf(agent.url, "status");
		const { text: metrics } = await call(agent.url, "/metrics");
		const lost = statuses.filter((record) => record.type === "status" && record.status.state === "lost");
		expect(lost).toHaveLength(plugs.length);
		expect(sumOf(metrics, "keepalive_session_losses_total")).toBe(plugs.length);
		expect(sumOf(metrics, "keepalive_alerts_total", "loss")).toBe(plugs.length);
		expect(sumOf(metrics, "keepalive_alerts_total", 'kind="expected-loss"')).toBe(1);
		for (const records of [sent, history.map((record) => ({ ...record }))]) {
			const raised = lossesIn(records, "raised").map((record) => record["alertId"]);
			const resolved = lossesIn(records, "resolved").map((record) => record["alertId"]);
			expect(new Set(raised).size).toBe(plugs.length);
			expect([...resolved].sort()).toEqual([...raised].sort());
		}
		expect(sumOf(metrics, "keepalive_alert_deliveries_total", 'channel="all",result="accepted"')).toBe(sent.length);
		expect(sumOf(metrics, "keepalive_alert_deliveries_total", 'channel="stuck",result="accepted"')).toBe(0);
		expect(sent.every((body) => body["pageUrl"] === `${agent.url}/`)).toBe(true);
		expect(sent.find((body) => body["session"] === "hedge")).toMatchObject({ venue: "deribit", exposure: {} });

		agent.kill("SIGTERM");
		const stopping = performance.now();
		expect(await agent.ended).toBe(0);
		expect(performance.now() - stopping).toBeLessThan(10_000);
		expect(agent.output() + metrics + JSON.stringify(sent)).not.toMatch(planted);
	}, 180_000);

	it("a channel that hangs is itself an alert on the others, and the alert log names no address", async () => {
		const agent = await startRun(venues.configure(["deribit"], alerts()), environment());
		await until(agent.url, "/readyz", 200);
		venues.links.deribit.drop();
		const isAbout = (body: Received["body"]) => body["kind"] === "agent" && String(body["message"]).includes("stuck");
		while (!bodies(hook).some(isAbout)) await pause(100);
		expect(bodies(hook).filter(isAbout)).toHaveLength(1);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).toContain("alert not delivered to stuck");
		expect(agent.output()).not.toMatch(planted);
	}, 90_000);

	it("pages when a session is not ready for its limit, and not again after the agent was killed and started", async () => {
		const file = venues.configure(["deribit"], alerts("notReadySeconds: 10"));
		const agent = await startRun(file, environment());
		await until(agent.url, "/readyz", 200);
		venues.links.deribit.partition();
		const pages = () => bodies(hook).filter((body) => body["kind"] === "not-ready");
		while (pages().length === 0) await pause(50);
		expect(pages()[0]).toMatchObject({ state: "raised", severity: "page", session: "hedge" });
		await recordsOf(agent.url, "alert");
		agent.kill("SIGKILL");
		await agent.ended;
		const losses = lossesIn(bodies(hook), "raised");
		const again = await startRun(file, environment());
		await pause(15_000);
		expect(pages()).toHaveLength(1);
		venues.links.deribit.heal();
		while (lossesIn(bodies(hook), "resolved").length < losses.length) await pause(50);
		expect(lossesIn(bodies(hook), "resolved")[0]?.["alertId"]).toBe(losses[0]?.["alertId"]);
		await call(again.url, "/v1/stop", { body: { orders: "keep" } });
		await again.ended;
		expect(pages().map((body) => [body["state"], body["alertId"]])).toEqual([
			["raised", pages()[0]?.["alertId"]],
			["resolved", pages()[0]?.["alertId"]],
		]);
	}, 120_000);

	it("pings the healthcheck only while the chosen sessions are armed, three times in its interval, and then tells it of a failure", async () => {
		const section =
			'healthcheck: { pingUrl: "env:PING", intervalSeconds: 15, sessions: [hedge], reportsFailure: true }';
		const agent = await startRun(venues.configure(["deribit", "ibkr"], alerts("", section)), environment());
		await until(agent.url, "/readyz", 200);
		await health.until(3);
		const [, second, third] = health.received;
		expect(health.received.every(({ method, path }) => method === "GET" && path === "/planted-ping")).toBe(true);
		expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(4_500);
		venues.links.deribit.partition();
		await until(agent.url, "/readyz", 503);
		health.received.length = 0;
		await health.until(1);
		expect(health.received.map(({ path }) => path)).toEqual(["/planted-ping/fail"]);
		venues.links.deribit.heal();
		health.answer(answerWith(500));
		while (health.received.at(-1)?.path !== "/planted-ping") await pause(50);
		expect(health.received.slice(0, -1).every(({ path }) => path === "/planted-ping/fail")).toBe(true);
		await agent.wrote("healthcheck: the ping failed: HTTP 500");
		const { text } = await call(agent.url, "/metrics");
		expect(sumOf(text, "keepalive_healthcheck_pings_total", "skipped")).toBeGreaterThan(0);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).not.toMatch(planted);
	}, 120_000);
});
