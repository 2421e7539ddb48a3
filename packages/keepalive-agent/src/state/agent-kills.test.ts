import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { call, spawnRun, startRun, until } from "../testing/agent-process.ts";
import { planted, serveVenues } from "../testing/serve-venues.ts";

const kills = 20;
const seed = 20_261_129;
/** Within this many milliseconds an agent notices, even on a busy machine, that its connections were closed. */
const noticedMs = 500;

/** Returns a generator of numbers from 0 to less than 1. The numbers are the same in every run (mulberry32). */
function random(from: number): () => number {
	let state = from;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const attempts = (made: readonly (readonly [number, number])[]) => made.reduce((sum, [, times]) => sum + times, 0);

it(`an agent that is killed at ${kills} moments forgets no attempt to connect, and never reports an unarmed session as armed`, async () => {
	const venues = await serveVenues({ ibkr: { start: "login" } });
	onTestFinished(() => venues.close());
	const { deribit, bybit, ibkr, links } = venues;
	const file = venues.configure(["deribit", "bybit", "ibkr"], "keeper: { restarts: { burst: 60, everyMs: 600000 } }\n");
	const stateFile = join(venues.folder, "keepalive.state.json");
	const next = random(seed);
	let comparisons = 0;
	const startedAt = performance.now();
	const first = await startRun(file);
	await until(first.url, "/readyz", 200);
	/** How long an agent may live before it is killed, in milliseconds: slightly longer than this machine needed to open every session. */
	const longestLifeMs = (performance.now() - startedAt) * 1.2;
	first.kill("SIGKILL");
	await first.ended;

	const truth = () => ({
		hedge: deribit.truth().connections.some(({ armed }) => armed),
		maker: bybit.truth().DERIVATIVES.state === "armed" && bybit.truth().DERIVATIVES.liveConnections > 0,
		broker: false,
	});
	/**
	 * Reads the venues' state before and after the agent's answer: a session that the agent reports as armed must be armed in one of the two
	 * readings.
	 */
	const compare = async (url: string): Promise<void> => {
		const before = truth();
		const answer = await call(url, "/v1/sessions").catch(() => undefined);
		const after = truth();
		if (!answer) return;
		for (const { name, armed } of JSON.parse(answer.text).sessions as { name: keyof typeof before; armed: boolean }[]) {
			if (armed) expect([name, before[name] || after[name]]).toEqual([name, true]);
			if (armed) comparisons += 1;
		}
	};
	/**
	 * Checks that the state file counts all attempts to connect that the venues have seen.
	 *
	 * @param more - how many attempts are added to the count in the file. After a kill this is 1, because the agent that starts next adds 1
	 * to that count too.
	 */
	const checkLimits = (more: number): void => {
		// There is no state file until an agent opens its sessions for the first time.
		const text = existsSync(stateFile) ? readFileSync(stateFile, "utf8") : '{"sessions":{}}';
		const { sessions } = JSON.parse(text);
		const counted = (name: string, limit: string) => attempts(sessions[name]?.used?.[limit]?.made ?? []) + more;
		const logins = deribit.received.filter(({ method }) => method === "public/auth").length;
		const connections = new Set(bybit.received.flatMap((one) => (one.kind === "frame" ? [one.connection] : [])));
		expect(counted("hedge", "connections")).toBeGreaterThanOrEqual(logins);
		expect(counted("maker", "connections")).toBeGreaterThanOrEqual(connections.size);
		expect(counted("broker", "inits")).toBeGreaterThanOrEqual(ibkr.truth().inits);
	};

	for (let kill = 0; kill < kills; kill += 1) {
		const agent = spawnRun(file);
		let url: string | undefined;
		agent.listening.then(
			(found) => {
				url = found;
			},
			() => undefined,
		);
		const endsAt = performance.now() + 300 + next() * longestLifeMs;
		const dropsAt = endsAt - next() * longestLifeMs;
		let hasDropped = false;
		let droppedAt = 0;
		while (performance.now() < endsAt) {
			if (!hasDropped && performance.now() >= dropsAt) {
				hasDropped = true;
				droppedAt = performance.now();
				links.deribit.drop();
				links.bybit.drop();
			}
			const isNewsOnItsWay = hasDropped && performance.now() - droppedAt < noticedMs;
			if (url !== undefined && !isNewsOnItsWay) await compare(url);
			await wait(20);
		}
		agent.kill("SIGKILL");
		await agent.ended;
		checkLimits(1);
		expect(agent.output()).not.toContain("is damaged");
		expect(agent.output()).not.toMatch(planted);
	}
	const last = await startRun(file);
	onTestFinished(() => void last.kill("SIGKILL"));
	await until(last.url, "/readyz", 200);
	await expect.poll(() => checkLimits(0), { timeout: 5_000 }).toBeUndefined();
	expect(comparisons).toBeGreaterThan(kills);
	expect(last.output()).toContain("found-dead");
}, 300_000);
