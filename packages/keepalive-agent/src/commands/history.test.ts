import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { planted, serveVenues } from "../testing/serve-venues.ts";

let venues: Awaited<ReturnType<typeof serveVenues>>;
let agent: Awaited<ReturnType<typeof startRun>>;
let file: string;
beforeAll(async () => {
	venues = await serveVenues({ ibkr: { start: "none" } });
	file = venues.configure(["deribit", "ibkr"]);
	agent = await startRun(file);
	const hedge = async () => JSON.parse(await until(agent.url, "/v1/sessions/hedge", 200));
	while (!(await hedge()).armed) await new Promise((resolve) => setTimeout(resolve, 50));
	venues.links.deribit.drop();
	for (;;) {
		const { armed, tally } = await hedge();
		if (armed && tally.losses === 1) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	// The history contains a record only a moment after the record was published.
	for (;;) {
		const { text } = await call(agent.url, "/v1/timeline");
		if (text.includes("endedAt") && text.includes('"blocked"')) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
});
afterAll(async () => {
	agent?.kill("SIGKILL");
	await venues.close();
});

const ask = (...args: string[]) => runMain(["history", "-c", file, "--url", agent.url, ...args]);

describe("keepalive history", () => {
	it("keepalive history shows for each session how long it was armed, its losses, what became of the orders, and when a person had to act", async () => {
		const { code, out, err } = await ask("--since", "10m");
		expect([code, err]).toEqual([0, ""]);
		expect(out).toMatch(/^hedge \(deribit\): since .*armed [\d.]+ %.*; losses: 1$/m);
		expect(out).toMatch(/^ {2}\S+ \S+ {2}lost, alive again after \d+ s: .*[^.]\. Orders: .*the venue cancels/m);
		expect(out).toMatch(/^ {2}\S+ \S+ {2}a person had to act, for .*To do: Log in at/m);
		expect(out).toMatch(/^Records:\n {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}/m);
		expect(out).not.toMatch(planted);
	});

	it("keepalive history shows one session with --session, and JSON with --json", async () => {
		const { out } = await ask("--session", "hedge", "--json");
		const { timeline, records, store } = JSON.parse(out);
		expect(timeline.sessions.map(({ name }: { name: string }) => name)).toEqual(["hedge"]);
		expect(records.every(({ session }: { session: string }) => session === "hedge")).toBe(true);
		expect(store).toEqual({ kind: "sqlite", state: "ok" });
	});

	it("keepalive history exits 2 and lists the sessions when --session names none of them", async () => {
		expect(await ask("--session", "hegde")).toEqual({
			code: 2,
			out: "",
			err: 'there is no session "hegde" (there are hedge, broker).',
		});
	});

	it("keepalive history says that its percentages begin at the agent's first start if --since reaches further back", async () => {
		const { out } = await ask("--since", "1h");
		expect(out).toMatch(/^hedge \(deribit\): since the agent began, \d+ s ago: .*armed [1-9][\d.]* %/m);
		expect(out).not.toContain("no-agent");
	});

	it.each([["12"], ["0h"], ["-1h"], ["1w"], ["999999d"], ["h"]])("history exits 2 with --since=%s", async (since) => {
		const { code, err } = await ask(`--since=${since}`);
		expect([code, err]).toEqual([2, expect.stringContaining("--since must be a time such as 45m, 12h or 7d, got ")]);
	});

	it("keepalive history exits 1 when no agent can be reached", async () => {
		expect((await runMain(["history", "-c", file, "--url", "http://127.0.0.1:1"])).code).toBe(1);
	});
});
