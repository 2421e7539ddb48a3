import { describe, expect, it } from "vitest";
import { postgresFolder, postgresMissing } from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { call, until } from "../testing/agent-process.ts";
import { planted } from "../testing/serve-venues.ts";
import { batches, batchTimeoutMs, collectGaps, instantsOf, statedMs, wait } from "./testing/failure-moments.ts";
import { eventually, saysArmed, standby, twoMachines } from "./testing/two-machines.ts";

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);

const addGap = collectGaps();

describe.skipIf(!postgresFolder && !process.env["CI"])("two agents with one session", () => {
	it.each(batches)(
		"the standby agent takes over within the stated time when the leader is killed, at random moments (%#)",
		async (batch) => {
			const { start, deribit } = await twoMachines(["deribit"]);
			let leader = await start(0);
			await eventually(() => saysArmed(leader.url));
			for (const [index, ms] of instantsOf(1, batch).entries()) {
				// Each new agent gets its own state file. An agent with the file of a killed agent would count one more attempt, and might have
				// to wait.
				const other = await start(index + 1);
				await standby(other);
				await wait(ms);
				expect([await saysArmed(leader.url), await saysArmed(other.url)]).toEqual([true, false]);
				leader.kill("SIGKILL");
				const gap = await eventually(() => saysArmed(other.url));
				addGap("SIGKILL", gap);
				expect(gap).toBeLessThan(statedMs);
				expect(deribit.truth().connections.filter(({ armed }) => armed)).toHaveLength(1);
				await leader.ended;
				leader = other;
			}
		},
		batchTimeoutMs,
	);

	it.each(batches)(
		"the standby agent takes over within the stated time when the leader is frozen, and the old leader is not armed when it runs again (%#)",
		async (batch) => {
			const { start } = await twoMachines(["deribit"]);
			let [leader, other] = [await start(1), await start(2)];
			await eventually(async () => (await saysArmed(leader.url)) || (await saysArmed(other.url)));
			if (await saysArmed(other.url)) [leader, other] = [other, leader];
			await standby(other);
			for (const ms of instantsOf(2, batch)) {
				await wait(ms);
				leader.kill("SIGSTOP");
				const gap = await eventually(() => saysArmed(other.url));
				addGap("SIGSTOP", gap);
				expect(gap).toBeLessThan(statedMs);
				// Some of these requests arrive while the agent is still frozen, so the agent answers them as soon as it runs again.
				const early = Array.from({ length: 20 }, () => saysArmed(leader.url));
				await wait(50);
				leader.kill("SIGCONT");
				let answers = 0;
				let isStandby = false;
				const settled = standby(leader).then(() => {
					isStandby = true;
				});
				while (!isStandby) {
					expect(await saysArmed(leader.url)).toBe(false);
					answers += 1;
				}
				await settled;
				expect(await Promise.all(early)).not.toContain(true);
				expect(answers).toBeGreaterThan(0);
				expect(await saysArmed(other.url)).toBe(true);
				[leader, other] = [other, leader];
			}
		},
		batchTimeoutMs,
	);

	it("both agents are standby and raise an alert while the database is down; exactly one agent leads once the database is up again", async () => {
		const { start, server, deribit } = await twoMachines(["deribit"]);
		const more = "alerts: { notReadySeconds: 10 }\n";
		const machines = [await start(1, more), await start(2, more)];
		const armed = async () => (await Promise.all(machines.map(({ url }) => saysArmed(url)))).filter(Boolean).length;
		await eventually(async () => (await armed()) === 1);
		await server.halt();
		for (const { url, sessions } of machines) {
			await eventually(async () => {
				const [{ status }] = await sessions();
				return status.state === "standby" && status.leader === undefined;
			});
			await until(url, "/readyz", 503);
			const alert = 'keepalive_alerts_total{kind="not-ready",severity="page"} 1';
			await eventually(async () => (await call(url, "/metrics")).text.includes(alert), 200);
		}
		expect(deribit.truth().connections.filter(({ armed: isArmed }) => isArmed)).toEqual([]);
		await server.resume();
		await eventually(async () => (await armed()) === 1);
		for (const { url } of machines) await until(url, "/readyz", 200);
		for (let looks = 0; looks < 50; looks += 1) {
			expect(await armed()).toBe(1);
			expect(deribit.truth().connections.filter(({ armed: isArmed }) => isArmed)).toHaveLength(1);
			await wait(20);
		}
		for (const { output } of machines) expect(output()).not.toMatch(planted);
	});
});
