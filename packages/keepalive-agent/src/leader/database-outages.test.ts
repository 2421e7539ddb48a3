import { describe, expect, it, onTestFinished } from "vitest";
import { postgresFolder, postgresMissing } from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { batches, batchTimeoutMs, collectGaps, instantsOf, openMs, statedMs, wait } from "./testing/failure-moments.ts";
import { TcpProxy } from "./testing/tcp-proxy.ts";
import { eventually, type Machine, saysArmed, standby, times, twoMachines } from "./testing/two-machines.ts";

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);
const addGap = collectGaps();

type Machines = Awaited<ReturnType<typeof twoMachines>>;

/** Starts an agent that reaches the database through a TCP proxy (`line`), so that a test can cut the connection. */
async function startBehindLine(
	{ start, server }: Machines,
	machine: number,
): Promise<{ agent: Machine; line: TcpProxy }> {
	const url = new URL(server.url);
	const line = await TcpProxy.start(Number(url.port));
	onTestFinished(() => line.close());
	url.port = String(line.port);
	return { agent: await start(machine, "", "", url.href), line };
}

const armedConnections = ({ deribit }: Machines): number =>
	deribit.truth().connections.filter(({ armed }) => armed).length;

describe.skipIf(!postgresFolder && !process.env["CI"])("two agents with one session", () => {
	it.each(batches)(
		"the standby agent takes over within the stated time when the leader loses the database, and never are both agents armed (%#)",
		async (batch) => {
			const machines = await twoMachines(["deribit"]);
			let leader = await startBehindLine(machines, 1);
			await eventually(() => saysArmed(leader.agent.url));
			let other = await startBehindLine(machines, 2);
			for (const ms of instantsOf(3, batch)) {
				await standby(other.agent);
				await wait(ms);
				expect(await saysArmed(leader.agent.url)).toBe(true);
				leader.line.cut();
				const cutAt = performance.now();
				await eventually(async () => {
					const isOther = await saysArmed(other.agent.url);
					// The former leader, which lost the database, is asked second. Once it is not armed, it stays so. So this order of questions
					// detects every moment in which both agents are armed.
					expect([isOther, await saysArmed(leader.agent.url)]).not.toEqual([true, true]);
					return isOther;
				});
				addGap("line to the database cut", performance.now() - cutAt);
				expect(performance.now() - cutAt).toBeLessThan(statedMs);
				expect([await saysArmed(leader.agent.url), armedConnections(machines)]).toEqual([false, 1]);
				leader.line.mend();
				[leader, other] = [other, leader];
			}
		},
		batchTimeoutMs,
	);

	it.each(batches)(
		"exactly one agent leads within the stated time after the database was stopped and started (%#)",
		async (batch) => {
			const machines = await twoMachines(["deribit"]);
			const { start, server } = machines;
			const both = [await start(1), await start(2)];
			const armed = async (): Promise<number> =>
				(await Promise.all(both.map(({ url }) => saysArmed(url)))).filter(Boolean).length;
			await eventually(async () => (await armed()) === 1);
			for (const ms of instantsOf(4, batch)) {
				await wait(ms);
				await server.halt();
				const haltedAt = performance.now();
				// Some of these outages end before the leader has to stop, and some end later.
				await wait(2 * ms);
				await server.resume();
				const resumedAt = performance.now();
				await eventually(async () => (await armed()) === 1);
				const gap = performance.now() - resumedAt;
				addGap("database stopped", gap);
				expect(gap).toBeLessThan(statedMs);
				const until = haltedAt + 2 * ms + times.ttlMs + openMs;
				while (performance.now() < until) {
					expect(await armed()).toBeLessThanOrEqual(1);
					expect(armedConnections(machines)).toBeLessThanOrEqual(1);
					await wait(20);
				}
				await eventually(async () => (await armed()) === 1);
			}
		},
		batchTimeoutMs,
	);
});
