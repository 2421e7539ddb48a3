import { describe, expect, it, onTestFinished } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { startFastClock } from "../testing/fast-clock.ts";
import {
	alertsSection,
	bodies,
	environmentOf,
	lossesIn,
	pause,
	sumOf,
	useAlertStage,
} from "./testing/alert-test-servers.ts";

// The limits of the alerts are many seconds long, so the clock of the agent and of the simulators runs three times as fast.
startFastClock(3);

const stage = useAlertStage();

async function start() {
	const healthcheck = 'healthcheck: { pingUrl: "env:PING", intervalSeconds: 15 }';
	const section = alertsSection(stage, "notReadySeconds: 10", healthcheck);
	const agent = await startRun(stage.venues.configure(["deribit", "bybit"], section), environmentOf(stage));
	onTestFinished(async () => {
		agent.kill("SIGKILL");
		await agent.ended;
	});
	await until(agent.url, "/readyz", 200);
	await stage.health.until(1);
	return agent;
}

const raised = (kind: string) =>
	bodies(stage.hook).filter((body) => body["kind"] === kind && body["state"] === "raised");

describe("alerts about the thread that runs the sessions", () => {
	it("a stalled session thread raises a `page` alert for each session once that session was not ready for too long, and stops the healthcheck pings", async () => {
		const agent = await start();
		agent.harm({ blockWorker: 25_000 });
		await until(agent.url, "/livez", 503);
		// All pings that were sent while the sessions still counted as armed have arrived by now, so no further ping may come.
		const pings = stage.health.received.length;
		while (raised("not-ready").length < 2) await pause(50);
		expect(stage.health.received).toHaveLength(pings);
		expect(raised("not-ready").map((body) => [body["session"], body["severity"]])).toEqual([
			["hedge", "page"],
			["maker", "page"],
		]);
		for (const { message } of raised("not-ready") as { message: string }[]) {
			expect(message).toMatch(/^not ready for 1\d s: late: the worker has not answered for \d+ ms$/);
		}
		await stage.health.until(pings + 1);
		expect(JSON.parse(await until(agent.url, "/readyz", 200))).toEqual({ ready: true, notReady: [] });
		// One stall of the thread raises one alert for each session.
		expect(raised("not-ready")).toHaveLength(2);
	});

	it("the death of the session thread raises one alert about the agent, and one alert for each lost session; all are resolved later", async () => {
		const agent = await start();
		agent.harm("kill-worker");
		while (lossesIn(bodies(stage.hook), "resolved").length < 2) await pause(50);
		const losses = lossesIn(bodies(stage.hook), "raised");
		expect(losses.map((body) => [body["session"], body["kind"], body["severity"], body["message"]])).toEqual([
			["hedge", "loss", "warn", "lost: @x/keepalive: the worker ended with exit code 1."],
			["maker", "loss", "warn", "lost: @x/keepalive: the worker ended with exit code 1."],
		]);
		// Other alerts about the agent are left out: they are about the channels that never answer, and about the agent that an earlier test
		// killed.
		const about = raised("agent").filter(({ message }) => String(message).includes("worker"));
		expect(about.map(({ severity, message }) => [severity, message])).toEqual([
			["warn", "@x/keepalive: the worker ended with exit code 1. It is started again."],
		]);
		const { text } = await call(agent.url, "/metrics");
		expect(sumOf(text, "keepalive_session_losses_total")).toBe(2);
		expect(sumOf(text, "keepalive_alerts_total", 'kind="loss"')).toBe(2);
		expect(raised("not-ready")).toEqual([]);
	});
});
