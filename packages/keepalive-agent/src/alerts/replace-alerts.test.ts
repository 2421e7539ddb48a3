import { afterAll, beforeAll, expect, it } from "vitest";
import { EventLog } from "../agent/event-log.ts";
import { type Agent, startAgent } from "../agent/start-agent.ts";
import { loadConfig } from "../config/load-config.ts";
import { Metrics } from "../metrics/metrics.ts";
import { startFastClock } from "../testing/fast-clock.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";
import { Alerts } from "./alert-dispatcher.ts";
import type { AlertsConfig } from "./alert-options.ts";
import { type HookServer, hookServer } from "./testing/webhook-server.ts";

// The limits of the alerts are many seconds long, so the clock of the agent and of the simulators runs twice as fast.
startFastClock(2);

const nothing = (): void => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

let venues: Awaited<ReturnType<typeof serveVenues>>;
let agent: Agent;
let [first, second]: HookServer[] = [];
beforeAll(async () => {
	venues = await serveVenues();
	[first, second] = [await hookServer(), await hookServer()];
	const config = loadConfig(venues.configure(["deribit"]), secrets);
	agent = await startAgent(config, { logger, onLimitsUsed: nothing, onWorkerDeath: nothing });
	await agent.keeper.ready();
}, 60_000);
afterAll(async () => {
	await agent.keeper.stop({ orders: "keep" });
	agent.close();
	await Promise.all([venues.close(), first?.close(), second?.close()]);
});

const to = (server: HookServer | undefined): NonNullable<AlertsConfig["channels"]> => ({
	team: { type: "webhook", webhookUrl: `${server?.url}/`, minSeverity: "info" },
});

it("Alerts.replace sends all later messages only to the new channels, even the message that an earlier alert is resolved", async () => {
	const log = new EventLog();
	const beginning = log.lastId;
	const metrics = new Metrics(agent).alerts;
	const config = { channels: to(first), pageUrl: "http://one/" };
	const alerts = new Alerts(config, { agent, log, beginning, logger, metrics, url: "http://agent" });
	const stop = agent.keeper.onStatus((record) => log.add(record));
	venues.links.deribit.drop();
	await first?.until(2);
	alerts.replace({ channels: to(first), pageUrl: "http://two/" });
	venues.links.deribit.partition();
	await first?.until(3);
	alerts.replace({ channels: to(second), pageUrl: "http://three/" });
	venues.links.deribit.heal();
	await second?.until(1);
	await alerts.close();
	stop();
	expect(first?.received.map(({ body }) => [body["state"], body["pageUrl"]])).toEqual([
		["raised", "http://one/"],
		["resolved", "http://one/"],
		["raised", "http://two/"],
	]);
	expect(second?.received[0]?.body).toMatchObject({
		state: "resolved",
		alertId: first?.received[2]?.body["alertId"],
		pageUrl: "http://three/",
	});
	expect(log.after(beginning).events.filter(({ record }) => record.type === "alert")).toHaveLength(4);
}, 120_000);
