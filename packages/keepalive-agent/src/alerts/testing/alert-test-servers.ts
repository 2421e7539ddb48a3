import { afterAll, beforeAll, beforeEach } from "vitest";
import type { AgentRecord } from "../../agent/agent-record.ts";
import { call } from "../../testing/agent-process.ts";
import { secrets, serveVenues } from "../../testing/serve-venues.ts";
import { type HookServer, hookServer } from "./webhook-server.ts";

/**
 * The servers that tests of alerts use: the simulated venues, a server that takes every message, one that takes pings, and one that never
 * answers.
 */
export interface AlertStage {
	readonly venues: Awaited<ReturnType<typeof serveVenues>>;
	readonly hook: HookServer;
	readonly health: HookServer;
	readonly stuck: HookServer;
}

/**
 * Starts the servers of an {@link AlertStage} before the tests of a file, and closes them after the tests. The returned object is filled
 * once the first test runs.
 */
export function useAlertStage(): AlertStage {
	// The cast is safe: `beforeAll` below fills the object before the first test.
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

/** The environment variables of an agent. */
export const environmentOf = ({ hook, stuck, health }: AlertStage) => ({
	...secrets,
	HOOK: `${hook.url}/planted-hook`,
	STUCK: `${stuck.url}/planted-stuck`,
	PING: `${health.url}/planted-ping`,
	ROUTING_KEY: "planted-routing-key",
});

/** A section `alerts` for a configuration: the channel `all` takes every alert, and the channels `stuck` and `oncall` never answer. */
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

/** Returns the records of alerts about session losses that have the given state, `raised` or `resolved`. */
export const lossesIn = (records: readonly Readonly<Record<string, unknown>>[], state: string) =>
	records.filter((record) => String(record["kind"]).endsWith("loss") && record["state"] === state);

/** The records of one type from the history of an agent. */
export async function recordsOf(url: string, type: AgentRecord["type"]): Promise<AgentRecord[]> {
	// The agent writes a record to its history some milliseconds after it has published the record.
	await pause(500);
	const { text } = await call(url, `/v1/history?type=${type}&limit=1000`);
	return (JSON.parse(text) as { readonly records: AgentRecord[] }).records;
}

/** The sum of all series of one metric. If `labels` is given, only the series whose labels contain this text are added up. */
export function sumOf(metrics: string, name: string, labels = ""): number {
	const lines = metrics.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
	return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
