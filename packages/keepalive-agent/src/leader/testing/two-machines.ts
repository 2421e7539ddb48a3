import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postgresLeaderStore } from "@x/keepalive-postgres";
import { onTestFinished } from "vitest";
import { PostgresServer } from "../../../../keepalive-postgres/src/testing/postgres-server.ts";
import { call, startRun } from "../../testing/agent-process.ts";
import { secrets, serveVenues, type VenueOptions } from "../../testing/serve-venues.ts";

const neverAborted = new AbortController().signal;

type Venue = "deribit" | "ibkr" | "bybit";

/** The times of the section `leader` in these tests. */
export const times = { ttlMs: 5_000, pollMs: 500 } as const;

/** A database server and venues, for two agents with the same sessions. All of them are stopped when the test ends. */
export async function twoMachines(venues: readonly Venue[], options: VenueOptions = {}) {
	const server = await PostgresServer.start();
	onTestFinished(() => server.close());
	const served = await serveVenues(options);
	onTestFinished(() => served.close());
	const environment = { ...secrets, LEADER_URL: server.url };
	const section = `leader: { postgresUrl: env:LEADER_URL, ttlMs: ${times.ttlMs}, pollMs: ${times.pollMs} }\nhistory: false\n`;
	/**
	 * Writes the configuration of a machine; each machine has files of its own.
	 *
	 * @param last - options that are added to the last session in the configuration.
	 */
	const configOf = (machine: number | string, more = "", last = ""): string => {
		const file = join(served.folder, `machine-${machine}.yaml`);
		writeFileSync(file, readFileSync(served.configure(venues, section + more, last), "utf8"));
		return file;
	};
	return {
		...served,
		server,
		environment,
		configOf,
		/** Starts the agent of a machine. */
		async start(machine: number | string, more = "", last = "", leaderUrl = server.url) {
			const agent = await startRun(configOf(machine, more, last), { ...environment, LEADER_URL: leaderUrl });
			onTestFinished(async () => {
				agent.kill("SIGKILL");
				await agent.ended;
			});
			return { ...agent, sessions: () => sessionsOf(agent.url) };
		},
	};
}

/** Like {@link twoMachines}, but the test itself acts as one of the machines. After `lead()`, that machine leads. */
export async function otherLeads(...parameters: Parameters<typeof twoMachines>) {
	const machines = await twoMachines(...parameters);
	const store = postgresLeaderStore({ url: machines.server.url });
	onTestFinished(() => store.close());
	const lead = async (): Promise<void> => {
		await store.createTable();
		for (const session of ["hedge", "broker"]) await store.take(session, "desk-a/1", 60_000, neverAborted);
	};
	return { ...machines, store, lead };
}

/** A running agent of {@link twoMachines}. */
export type Machine = Awaited<ReturnType<Awaited<ReturnType<typeof twoMachines>>["start"]>>;

/** Waits until an agent is standby and knows who leads. */
export const standby = (machine: Machine): Promise<number> =>
	eventually(async () => {
		const [session] = await machine.sessions();
		return session.status.state === "standby" && session.status.leader !== undefined;
	});

// biome-ignore lint/suspicious/noExplicitAny: tests compare it.
async function sessionsOf(url: string): Promise<readonly any[]> {
	return JSON.parse((await call(url, "/v1/sessions")).text).sessions;
}

/** Whether an agent says that an order may be sent in the session at Deribit. */
export const saysArmed = async (url: string): Promise<boolean> =>
	(await call(url, "/v1/sessions/hedge/armed")).status === 200;

/** Waits until a condition holds. @returns how long that took, in milliseconds. */
export async function eventually(holds: () => Promise<boolean>, everyMs = 20): Promise<number> {
	const startedAt = performance.now();
	while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, everyMs));
	return performance.now() - startedAt;
}
