import { describe, expect, it } from "vitest";
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
import { answerWith } from "./testing/webhook-server.ts";

// The limits of the alerts are many seconds long, so the clock of the agent and of the simulators runs three times as fast.
startFastClock(3);

const stage = useAlertStage();

describe("alerts of an agent that runs against the simulators", () => {
	it("an agent raises one `page` alert when a session is not ready for longer than its limit, and no second alert after kill -9 and a restart", async () => {
		const file = stage.venues.configure(["deribit"], alertsSection(stage, "notReadySeconds: 10"));
		const agent = await startRun(file, environmentOf(stage));
		await until(agent.url, "/readyz", 200);
		stage.venues.links.deribit.partition();
		const pages = () => bodies(stage.hook).filter((body) => body["kind"] === "not-ready");
		while (pages().length === 0) await pause(50);
		expect(pages()[0]).toMatchObject({ state: "raised", severity: "page", session: "hedge" });
		await recordsOf(agent.url, "alert");
		agent.kill("SIGKILL");
		await agent.ended;
		const losses = lossesIn(bodies(stage.hook), "raised");
		const again = await startRun(file, environmentOf(stage));
		await pause(15_000);
		expect(pages()).toHaveLength(1);
		stage.venues.links.deribit.heal();
		while (lossesIn(bodies(stage.hook), "resolved").length < losses.length) await pause(50);
		expect(lossesIn(bodies(stage.hook), "resolved")[0]?.["alertId"]).toBe(losses[0]?.["alertId"]);
		await call(again.url, "/v1/stop", { body: { orders: "keep" } });
		await again.ended;
		expect(pages().map((body) => [body["state"], body["alertId"]])).toEqual([
			["raised", pages()[0]?.["alertId"]],
			["resolved", pages()[0]?.["alertId"]],
		]);
	}, 120_000);

	it("an agent pings the healthcheck URL three times per interval while its sessions are armed, and only /fail while they are not", async () => {
		const section =
			'healthcheck: { pingUrl: "env:PING", intervalSeconds: 15, sessions: [hedge], reportsFailure: true }';
		const agent = await startRun(
			stage.venues.configure(["deribit", "ibkr"], alertsSection(stage, "", section)),
			environmentOf(stage),
		);
		await until(agent.url, "/readyz", 200);
		await stage.health.until(3);
		const [, second, third] = stage.health.received;
		expect(stage.health.received.every(({ method, path }) => method === "GET" && path === "/planted-ping")).toBe(true);
		expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(4_500);
		stage.venues.links.deribit.partition();
		await until(agent.url, "/readyz", 503);
		stage.health.received.length = 0;
		await stage.health.until(1);
		expect(stage.health.received.map(({ path }) => path)).toEqual(["/planted-ping/fail"]);
		stage.venues.links.deribit.heal();
		stage.health.answer(answerWith(500));
		while (stage.health.received.at(-1)?.path !== "/planted-ping") await pause(50);
		expect(stage.health.received.slice(0, -1).every(({ path }) => path === "/planted-ping/fail")).toBe(true);
		await agent.wrote("healthcheck: the ping failed: HTTP 500");
		const { text } = await call(agent.url, "/metrics");
		expect(sumOf(text, "keepalive_healthcheck_pings_total", "skipped")).toBeGreaterThan(0);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).not.toMatch(planted);
	}, 120_000);
});
