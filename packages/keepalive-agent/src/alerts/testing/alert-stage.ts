import { afterAll, beforeAll, beforeEach } from "vitest";
import type { AgentRecord } from "../../agent/agent-record.ts";
import { call } from "../../testing/running-agent.ts";
import { secrets, serveVenues } from "../../testing/venues.ts";
import { type HookServer, hookServer } from "./hook-server.ts";

/** The venues, a service that takes every message, one that takes pings, and one that never answers. */
export interface AlertStage {
	readonly venues: Awaited<ReturnType<typeof serveVenues>>;
	readonly hook: HookServer;
	readonly health: HookServer;
	readonly stuck: HookServer;
}

/** Serves a stage for the tests of a file. It is there once the first test runs. */
export function useAlertStage(): AlertStage {
	// The cast: the hook below fills it before the first test.
	const stage = {} as { -readonly [Name in keyof AlertStage]: AlertStage[Name] };
	beforeAll(async () => {
		stage.venues = await serveVenues();
		stage.hook = await hookServer();
		stage.health = await hookServer();
		stage.stuck = await hookServer(() => undefined);
	});
	beforeEach(() => {
		for (const server of [stage.hook, stage.health, stage.stuck]) server.received.length = 0;
	});
	afterAll(() => Promise.all([stage.venues.close(), stage.hook.close(), stage.health.close(), stage.stuck.close()]));
	return stage;
}

/** The environment of an agent. */
export const environmentOf = ({ hook, stuck, health }: AlertStage) => ({
	...secrets,
	HOOK: `${hook.url}/planted-hook`,
	STUCK: `${stuck.url}/planted-stuck`,
	PING: `${health.url}/planted-ping`,
	ROUTING_KEY: "planted-routing-key",
});

/** The whole section: everything is sent to one channel, and two others never answer. */
export const alertsSection = ({ stuck }: AlertStage, limits = "", healthcheck = "") => `alerts:
  ${limits}
  channels:
    all: { type: webhook, webhookUrl: "env:HOOK", token: "env:ROUTING_KEY", minSeverity: info }
    stuck: { type: slack, webhookUrl: "env:STUCK", minSeverity: info }
    oncall: { type: pagerduty, routingKey: "env:ROUTING_KEY", apiUrl: "${stuck.url}" }
  ${healthcheck}
`;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The messages that a service has received. */
export const bodies = (server: HookServer) => server.received.map(({ body }) => body);

/** The alerts about losses. */
export const lossesIn = (records: readonly Readonly<Record<string, unknown>>[], state: string) =>
	records.filter((record) => String(record["kind"]).endsWith("loss") && record["state"] === state);

/** Records of the history. */
export async function recordsOf(url: string, type: AgentRecord["type"]): Promise<AgentRecord[]> {
	// The history is written a moment later.
	await pause(500);
	const { text } = await call(url, `/v1/history?type=${type}&limit=1000`);
	return (JSON.parse(text) as { readonly records: AgentRecord[] }).records;
}

/** The sum of a metric over what matches. */
export function sumOf(metrics: string, name: string, labels = ""): number {
	const lines = metrics.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
	return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
