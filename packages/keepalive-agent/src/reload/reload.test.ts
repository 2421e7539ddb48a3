import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";
import { changedKeys } from "./changed-config-keys.ts";
import { reloadText } from "./reloader.ts";

let venues: Awaited<ReturnType<typeof serveVenues>>;
let agent: Awaited<ReturnType<typeof startRun>>;
let file: string;
let first: string;
beforeAll(async () => {
	venues = await serveVenues();
	file = venues.configure(["deribit"], "log: { level: warn }\n");
	first = readFileSync(file, "utf8");
	// The log level is `info`, because only then the agent prints its address.
	writeFileSync(file, first.replace("level: warn", "level: info"));
	agent = await startRun(file);
	await until(agent.url, "/readyz", 200);
});
afterAll(async () => {
	agent?.kill("SIGKILL");
	await venues.close();
});

/** Writes the configuration file with a part replaced, and makes the agent reload it over HTTP. */
async function reload(change: (text: string) => string, token: string = secrets.KEEPALIVE_TOKEN) {
	writeFileSync(file, change(first.replace("level: warn", "level: info")));
	const answer = await call(agent.url, "/v1/reload", { body: {}, headers: { authorization: `Bearer ${token}` } });
	expect(answer.text).not.toMatch(planted);
	return { status: answer.status, body: JSON.parse(answer.text) };
}

describe("POST /v1/reload", () => {
	it("POST /v1/reload changes nothing when the file is the same", async () => {
		expect(await reload((text) => text)).toEqual({ status: 200, body: { applied: [], needsRestart: [] } });
	});

	it("POST /v1/reload applies keys that can change at run time, names keys that need a restart, and touches no session", async () => {
		const connections = venues.deribit.received.filter(({ method }) => method === "public/auth").length;
		const change = (text: string) =>
			text
				.replace("ordersOnStop: keep", "ordersOnStop: cancel")
				.replace("level: info", "level: debug")
				.replace("    venue: deribit\n", "    venue: deribit\n    intervalSeconds: 20\n");
		const expected = { applied: ["log.level", "ordersOnStop"], needsRestart: ["sessions.hedge.intervalSeconds"] };
		expect(await reload(change)).toEqual({ status: 200, body: expected });
		await agent.wrote('"level":20');
		await agent.wrote(
			"agent: reloaded: applied: log.level, ordersOnStop; needs a restart: sessions.hedge.intervalSeconds",
		);
		// A change that waits for a restart is reported again at the next reload.
		expect((await reload(change)).body).toEqual({ applied: [], needsRestart: expected.needsRestart });
		expect(await reload((text) => text)).toMatchObject({ body: { applied: expected.applied, needsRestart: [] } });
		expect(venues.deribit.received.filter(({ method }) => method === "public/auth")).toHaveLength(connections);
		expect(JSON.parse((await call(agent.url, "/v1/sessions")).text)).toMatchObject({
			sessions: [{ armed: true, tally: { losses: 0 } }],
		});
	});

	it("POST /v1/reload changes nothing when the file is wrong, and reports file, line and key", async () => {
		const { status, body } = await reload((text) =>
			text.replace("level: info", "level: debug").replace("ordersOnStop: keep", "ordersOnStop: sell"),
		);
		expect(status).toBe(422);
		expect(body.detail).toContain(`${file}:1: ordersOnStop must be "keep" or "cancel"`);
		expect(await reload((text) => text)).toMatchObject({ body: { applied: [] } });
		expect((await call(agent.url, "/livez")).status).toBe(200);
	});

	it("POST /v1/reload replaces the token, so that the previous token is refused", async () => {
		writeFileSync(`${venues.folder}/token`, "planted-second");
		const change = (text: string) => text.replace('token: "env:KEEPALIVE_TOKEN"', "tokenFile: token");
		expect((await reload(change)).body).toEqual({ applied: ["http.token"], needsRestart: [] });
		expect((await reload((text) => text)).status).toBe(401);
		expect((await reload((text) => text, "planted-second")).body.applied).toEqual(["http.token"]);
	});

	it("POST /v1/reload does not apply alert settings for a new session, because only a restart starts that session", async () => {
		const alerts = "alerts: { sessions: { second: { notReadySeconds: 30 } } }\n";
		const second = first.slice(first.indexOf("  hedge:")).replace("hedge", "second");
		const { status, body } = await reload((text) => alerts + text + second);
		expect([status, body.applied]).toEqual([200, []]);
		expect(body.needsRestart).toEqual(["alerts.sessions", "sessions.second"]);
		const known = "alerts: { sessions: { hedge: { notReadySeconds: 30 } } }\n";
		expect((await reload((text) => known + text)).body).toEqual({ applied: ["alerts.sessions"], needsRestart: [] });
	});

	it("POST /v1/reload requires the token and an empty object as body", async () => {
		expect((await reload((text) => text, "planted-wrong")).status).toBe(401);
		expect((await call(agent.url, "/v1/reload", { body: { file: "/etc/passwd" } })).status).toBe(400);
		expect((await call(agent.url, "/v1/reload")).status).toBe(405);
	});
});

describe("SIGHUP", () => {
	it("SIGHUP makes the agent reload its configuration, and log what is wrong with the file", async () => {
		writeFileSync(file, first.replace("level: warn", "level: loud"));
		agent.kill("SIGHUP");
		await agent.wrote("the configuration was not reloaded, nothing was changed");
		writeFileSync(file, first.replace("level: warn", "level: error"));
		agent.kill("SIGHUP");
		await expect
			.poll(async () => (await call(agent.url, "/v1/reload", { body: {} })).text, { timeout: 5_000 })
			.toBe('{"applied":[],"needsRestart":[]}');
		await reload((text) => text);
		expect(agent.output()).not.toMatch(planted);
	});
});

describe("keepalive reload", () => {
	const ask = () => runMain(["reload", "-c", file, "--url", agent.url], { environment: secrets });

	it("keepalive reload prints what has changed, and exits 3 when a restart is needed", async () => {
		writeFileSync(file, first.replace("level: warn", "level: info"));
		expect(await ask()).toEqual({ code: 0, out: "nothing has changed", err: "" });
		writeFileSync(file, first.replace("level: warn", "level: info").replace("port: 0", "port: 1"));
		expect(await ask()).toEqual({ code: 3, out: "needs a restart: http.port", err: "" });
	});

	it("keepalive reload changes ordersOnStop for the sessions that a later SIGTERM closes", async () => {
		await reload((text) => text.replace("ordersOnStop: keep", "ordersOnStop: cancel"));
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).toContain("the venue cancels its orders");
	});
});

describe("changedKeys", () => {
	it.each([
		[{ a: 1 }, { a: 1 }, []],
		[{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, ["a.c"]],
		[{ a: [1] }, { a: [1, 2] }, ["a"]],
		[{ a: { b: 1 } }, {}, ["a"]],
		[{}, { b: null, a: {} }, ["a", "b"]],
	])("changedKeys returns the keys that differ between %j and %j: %j", (before, after, expected) => {
		expect(changedKeys(before, after)).toEqual(expected);
	});
});

it("reloadText says that nothing has changed if no key differs", () => {
	expect(reloadText({ applied: [], needsRestart: [] })).toBe("nothing has changed");
});
