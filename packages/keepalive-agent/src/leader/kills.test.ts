import { afterAll, describe, expect, it } from "vitest";
import { postgresFolder, postgresMissing } from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { call, until } from "../testing/running-agent.ts";
import { planted } from "../testing/venues.ts";
import { eventually, type Machine, saysArmed, times, twoMachines } from "./testing/two-machines.ts";

/** How many instants are drawn of each kind. `LEADER_KILLS=50` draws more. */
const kills = Number(process.env["LEADER_KILLS"] ?? 2);
/** A server and its agents live for one batch. */
const batchSize = 10;
const batchTimeoutMs = 290_000;
const batches = Array.from({ length: Math.ceil(kills / batchSize) }, (_, batch) => batch);
/** Starting, connecting, logging in and arming at a simulator, on a busy machine. */
const openMs = 4_000;
/** The longest time in which no agent is armed. */
const statedMs = times.ttlMs + times.pollMs + openMs;

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);

/** Moments within two renewals, the same each time. */
function instants(seed: number): number[] {
	let state = seed;
	return Array.from({ length: kills }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return (state / 2 ** 32) * ((2 * times.ttlMs) / 3);
	});
}
const ofBatch = (seed: number, batch: number): readonly number[] =>
	instants(seed).slice(batch * batchSize, (batch + 1) * batchSize);

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const gaps = new Map<string, number[]>();
const addGap = (kind: string, ms: number): void => void gaps.set(kind, [...(gaps.get(kind) ?? []), Math.round(ms)]);
afterAll(() => {
	for (const [kind, all] of gaps) {
		const sorted = all.toSorted((a, b) => a - b);
		const [least, median, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
		console.info(
			`${kind}: ${all.length} gaps, min ${least} ms, median ${median} ms, max ${most} ms, stated ${statedMs} ms`,
		);
	}
});

/** Waits until an agent is standby, and knows who leads. */
const standby = (machine: Machine) =>
	eventually(async () => {
		const [session] = await machine.sessions();
		return session.status.state === "standby" && session.status.leader !== undefined;
	});

describe.skipIf(!postgresFolder && !process.env["CI"])("two agents with one session", () => {
	it.each(batches)(
		"one takes over within the stated time when the leader is killed, at each instant (%#)",
		async (batch) => {
			const { start, deribit } = await twoMachines(["deribit"]);
			let leader = await start(0);
			await eventually(() => saysArmed(leader.url));
			for (const [index, ms] of ofBatch(1, batch).entries()) {
				// A state file of its own: one that was killed counts an attempt more, and could wait.
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
		"one takes over within the stated time when the leader is frozen, which never says armed after that (%#)",
		async (batch) => {
			const { start } = await twoMachines(["deribit"]);
			let [leader, other] = [await start(1), await start(2)];
			await eventually(async () => (await saysArmed(leader.url)) || (await saysArmed(other.url)));
			if (await saysArmed(other.url)) [leader, other] = [other, leader];
			await standby(other);
			for (const ms of ofBatch(2, batch)) {
				await wait(ms);
				leader.kill("SIGSTOP");
				const gap = await eventually(() => saysArmed(other.url));
				addGap("SIGSTOP", gap);
				expect(gap).toBeLessThan(statedMs);
				// Some of the questions arrive before it goes on, so they are answered first of all.
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

	it("are both standby without a leader while the database is down, with an alert, and exactly one leads after that", async () => {
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
