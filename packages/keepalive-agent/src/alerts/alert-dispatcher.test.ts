import { describe, expect, it } from "vitest";
import type { AlertRecord } from "../agent/agent-record.ts";
import { call, startRun, until } from "../testing/agent-process.ts";
import { startFastClock } from "../testing/fast-clock.ts";
import { planted } from "../testing/serve-venues.ts";
import {
	alertsSection,
	bodies,
	environmentOf,
	lossesIn,
	pause,
	recordsOf,
	sumOf,
	useAlertStage,
} from "./testing/alert-test-servers.ts";
import type { Received } from "./testing/webhook-server.ts";

// The limits of the alerts are many seconds long, so the clock of the agent and of the simulators runs three times as fast.
startFastClock(3);

const stage = useAlertStage();

describe("alerts of an agent that runs against the simulators", () => {
	it("each session loss raises one alert, which is resolved once; metrics, history and messages count the same losses even if one channel hangs", async () => {
		const agent = await startRun(
			stage.venues.configure(["deribit", "bybit", "ibkr"], alertsSection(stage)),
			environmentOf(stage),
		);
		await until(agent.url, "/readyz", 200);
		const { deribit, bybit, ibkr } = stage.venues.links;
		const plugs = [
			() => deribit.drop(),
			() => bybit.drop(),
			() => ibkr.faults.idle({}),
			() => deribit.drop(),
			() => stage.venues.deribit.faults.maintenance({}),
		];
		for (const [index, pull] of plugs.entries()) {
			pull();
			const started = performance.now();
			while (lossesIn(bodies(stage.hook), "raised").length < index + 1) await pause(20);
			// A hanging channel must not delay another channel. At IBKR a loss is noticed only at the next tickle (the keep-alive call), so the
			// limit is long.
			expect(performance.now() - started).toBeLessThan(40_000);
			stage.venues.deribit.faults.maintenance({ on: false });
			if (index < plugs.length - 1) await until(agent.url, "/readyz", 200);
		}
		await call(agent.url, "/v1/sessions/hedge/retry", { body: {} });
		// On a busy machine a session may be lost more often than the test breaks its connection.
		const count = (state: "raised" | "resolved") => lossesIn(bodies(stage.hook), state).length;
		while (count("resolved") < plugs.length || count("resolved") < count("raised")) await pause(50);

		const sent = bodies(stage.hook);
		const history = (await recordsOf(agent.url, "alert")) as readonly AlertRecord[];
		const statuses = await recordsOf(agent.url, "status");
		const { text: metrics } = await call(agent.url, "/metrics");
		const losses = statuses.filter((record) => record.type === "status" && record.status.state === "lost").length;
		expect(losses).toBeGreaterThanOrEqual(plugs.length);
		expect(sumOf(metrics, "keepalive_session_losses_total")).toBe(losses);
		expect(sumOf(metrics, "keepalive_alerts_total", "loss")).toBe(losses);
		expect(sumOf(metrics, "keepalive_alerts_total", 'kind="expected-loss"')).toBeGreaterThanOrEqual(1);
		for (const records of [sent, history.map((record) => ({ ...record }))]) {
			const raised = lossesIn(records, "raised").map((record) => record["alertId"]);
			const resolved = lossesIn(records, "resolved").map((record) => record["alertId"]);
			expect(new Set(raised).size).toBe(losses);
			expect([...resolved].sort()).toEqual([...raised].sort());
		}
		expect(sumOf(metrics, "keepalive_alert_deliveries_total", 'channel="all",result="accepted"')).toBe(sent.length);
		expect(sumOf(metrics, "keepalive_alert_deliveries_total", 'channel="stuck",result="accepted"')).toBe(0);
		expect(sent.every((body) => body["pageUrl"] === `${agent.url}/`)).toBe(true);
		expect(sent.find((body) => body["session"] === "hedge")).toMatchObject({ venue: "deribit", exposure: {} });

		agent.kill("SIGTERM");
		// The time is measured in real time, because the agent promises to end within ten seconds of real time.
		const stopping = process.hrtime.bigint();
		expect(await agent.ended).toBe(0);
		expect(Number(process.hrtime.bigint() - stopping) / 1e6).toBeLessThan(10_000);
		expect(agent.output() + metrics + JSON.stringify(sent)).not.toMatch(planted);
	}, 180_000);

	it("a hanging channel is reported on the other channels, and no log message about it shows a URL", async () => {
		const agent = await startRun(stage.venues.configure(["deribit"], alertsSection(stage)), environmentOf(stage));
		await until(agent.url, "/readyz", 200);
		stage.venues.links.deribit.drop();
		const isAbout = (body: Received["body"]) => body["kind"] === "agent" && String(body["message"]).includes("stuck");
		while (!bodies(stage.hook).some(isAbout)) await pause(100);
		expect(bodies(stage.hook).filter(isAbout)).toHaveLength(1);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).toContain("alert not delivered to stuck");
		expect(agent.output()).not.toMatch(planted);
	}, 90_000);
});
