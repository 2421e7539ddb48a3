import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { planted, serveVenues, type VenueOptions } from "../testing/serve-venues.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: VenueOptions = {}) {
	const venues = await serveVenues(options);
	closers.push(() => venues.close());
	const stateFile = join(venues.folder, "keepalive.state.json");
	return { ...venues, stateFile, state: () => JSON.parse(readFileSync(stateFile, "utf8")) };
}

async function start(file: string) {
	const agent = await startRun(file);
	closers.push(() => agent.kill("SIGKILL"));
	return agent;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const events = (output: string): string[] =>
	output.split("\n").flatMap((line) => /"msg":"agent: (\S+):/.exec(line)?.[1] ?? []);
const attempts = (made: readonly (readonly [number, number])[]) => made.reduce((sum, [, times]) => sum + times, 0);

describe("keepalive run after an earlier run", () => {
	it("keepalive run reports that the earlier run was killed, and counts that run's connections, openings and `init` calls at IBKR in its own limits", async () => {
		// The venue has a login but no brokerage session yet, so each agent has to open one.
		const { configure, state, stateFile, deribit, bybit, ibkr } = await serve({ ibkr: { start: "login" } });
		const file = configure(["deribit", "bybit", "ibkr"], "keeper: { restarts: { burst: 30, everyMs: 600000 } }\n");
		const seed = 7;
		const step = 2_654_435_761;
		for (let kill = 1; kill <= 4; kill += 1) {
			const agent = await start(file);
			// The moments of the kills range from before any session is open until all sessions are open.
			await wait((kill * step * seed) % 1_500);
			agent.kill("SIGKILL");
			await agent.ended;
			expect(events(agent.output()).slice(0, 2)).toEqual(kill === 1 ? ["started"] : ["found-dead", "started"]);
		}
		const agent = await start(file);
		await until(agent.url, "/readyz", 200);
		await wait(500);
		const { sessions } = state();
		expect(attempts(sessions.hedge.used.connections.made)).toBeGreaterThanOrEqual(
			deribit.received.filter(({ method }) => method === "public/auth").length,
		);
		expect(attempts(sessions.maker.used.connections.made)).toBeGreaterThanOrEqual(
			new Set(bybit.received.flatMap((one) => (one.kind === "frame" ? [one.connection] : []))).size,
		);
		expect(attempts(sessions.broker.used.inits.made)).toBeGreaterThanOrEqual(ibkr.truth().inits);
		expect(sessions.hedge.openingsUntil).toBeGreaterThan(Date.now() + 4 * 600_000);
		expect(deribit.truth().connections).toMatchObject([{ armed: true }]);
		expect(bybit.truth().DERIVATIVES).toMatchObject({ state: "armed" });
		expect(readFileSync(stateFile, "utf8")).not.toMatch(planted);
		expect(statSync(stateFile).mode & 0o777).toBe(0o600);
	});

	it("keepalive run does not report an earlier run as killed if that run shut down cleanly", async () => {
		const { configure, state } = await serve();
		const file = configure(["deribit"]);
		const first = await start(file);
		await until(first.url, "/readyz", 200);
		first.kill("SIGTERM");
		expect(await first.ended).toBe(0);
		expect(state().ended).toBe(true);
		const second = await start(file);
		await until(second.url, "/readyz", 200);
		expect(events(second.output())).toEqual(["started"]);
	});

	it("keepalive run opens no session at first when the state file is damaged, and says what a person has to do", async () => {
		const { configure, stateFile, deribit, ibkr } = await serve({ ibkr: { start: "login" } });
		const file = configure(["deribit", "ibkr"]);
		writeFileSync(stateFile, "{");
		const agent = await start(file);
		await agent.wrote("delete the file and start it again");
		await wait(2_000);
		expect(deribit.received).toEqual([]);
		expect(ibkr.truth()).toMatchObject({ inits: 0 });
		expect(JSON.parse((await call(agent.url, "/readyz")).text)).toMatchObject({
			notReady: [{ reason: expect.stringContaining("used up") }, { name: "broker" }],
		});
		expect((await call(agent.url, "/livez")).status).toBe(200);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		rmSync(stateFile);
		const again = await start(file);
		await until(again.url, "/readyz", 200);
	});

	it("keepalive run keeps the sessions alive while the state file cannot be written, and reports the failure", async () => {
		const { configure, deribit } = await serve();
		const agent = await start(configure(["deribit"], "state: { file: missing/state.json }\n"));
		await until(agent.url, "/readyz", 200);
		expect(events(agent.output())).toEqual(["degraded", "started"]);
		expect(deribit.truth().connections).toMatchObject([{ armed: true }]);
	});
});
