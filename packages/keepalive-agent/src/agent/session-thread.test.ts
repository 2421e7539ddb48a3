import { afterEach, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { planted, serveVenues } from "../testing/serve-venues.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(venues: Parameters<Awaited<ReturnType<typeof serveVenues>>["configure"]>[0]) {
	const served = await serveVenues();
	closers.push(() => served.close());
	const agent = await startRun(served.configure(venues));
	closers.push(() => agent.kill("SIGKILL"));
	await until(agent.url, "/readyz", 200);
	return { ...served, agent };
}

const sessions = async (url: string) => JSON.parse((await call(url, "/v1/sessions")).text).sessions;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the thread that runs the sessions", () => {
	it("the thread that runs the sessions keeps every session alive and armed while the main thread is blocked", async () => {
		const { agent, deribit, bybit } = await start(["deribit", "bybit"]);
		agent.harm({ block: 3_000 });
		await wait(200);
		let hasAnswered = false;
		const answered = call(agent.url, "/livez").then(() => {
			hasAnswered = true;
		});
		const received = deribit.received.length;
		await wait(2_500);
		// The blocked main thread has not answered the HTTP call yet, although the venue has received pings all the time.
		expect(hasAnswered).toBe(false);
		expect(deribit.received.length).toBeGreaterThan(received);
		expect(deribit.truth().connections).toMatchObject([{ armed: true }]);
		expect(bybit.truth().DERIVATIVES).toMatchObject({ state: "armed", liveConnections: 1 });
		await answered;
		expect(await sessions(agent.url)).toMatchObject([
			{ armed: true, tally: { losses: 0 } },
			{ armed: true, tally: { losses: 0 } },
		]);
		expect((await call(agent.url, "/livez")).status).toBe(200);
	});

	it("the thread that runs the sessions is restarted and reported when it dies; the agent exits with code 4 when the thread has died too often", async () => {
		const { agent } = await start(["deribit"]);
		for (let restart = 1; restart <= 3; restart += 1) {
			agent.harm("kill-worker");
			await until(agent.url, "/readyz", 503);
			await until(agent.url, "/readyz", 200);
			const tally = { losses: restart, recoveries: restart };
			// `armed` is read from shared memory, but the counters (`tally`) come in a message, which may arrive later.
			await expect.poll(() => sessions(agent.url), { timeout: 60_000 }).toMatchObject([{ armed: true, tally }]);
		}
		const stream = await fetch(`${agent.url}/v1/events`);
		agent.harm("kill-worker");
		expect(await agent.ended).toBe(4);
		expect(await stream.text()).toContain("It has died too often: the agent ends.");
		expect(agent.output().match(/It is started again/g)).toHaveLength(3);
		expect(agent.output()).not.toMatch(planted);
	});

	it("/livez fails after the event loop of the thread that runs the sessions was blocked for five seconds, even if the main thread runs", async () => {
		const { agent } = await start(["deribit"]);
		expect(JSON.parse((await call(agent.url, "/livez")).text)).toMatchObject({ live: true });
		agent.harm({ blockWorker: 9_000 });
		expect(JSON.parse(await until(agent.url, "/livez", 503))).toMatchObject({
			live: false,
			loopAgeMs: expect.toSatisfy((ms: number) => ms >= 5_000),
			mainLoopAgeMs: expect.toSatisfy((ms: number) => ms < 3_000),
		});
		expect(await sessions(agent.url)).toMatchObject([{ armed: false, ready: false }]);
		await until(agent.url, "/livez", 200);
	});
});
