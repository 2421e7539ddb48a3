import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { call, startRun, until } from "../testing/agent-process.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";

let venues: Awaited<ReturnType<typeof serveVenues>>;
let agent: Awaited<ReturnType<typeof startRun>>;
beforeAll(async () => {
	venues = await serveVenues({ ibkr: { start: "none" } });
	agent = await startRun(venues.configure(["deribit", "ibkr"]));
	await untilReady("hedge");
	await untilState("broker", "blocked");
});
afterAll(async () => {
	agent?.kill("SIGKILL");
	await venues.close();
});

async function viewOf(name: string) {
	return JSON.parse((await call(agent.url, `/v1/sessions/${name}`)).text);
}

async function untilReady(name: string): Promise<void> {
	while (!(await viewOf(name)).ready) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function untilState(name: string, state: string): Promise<void> {
	while ((await viewOf(name)).status.state !== state) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Sends a request with headers that fetch does not let a caller set. Resolves with the status. */
function raw(path: string, headers: Record<string, string>, method = "GET", body = ""): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const sent = request(`${agent.url}${path}`, { method, headers }, (response) => {
			response.resume();
			resolve(response.statusCode);
		});
		sent.once("error", reject).end(body);
	});
}

/** Reads the event stream until it has sent this many events, then closes the connection. */
async function readEvents(count: number, lastId?: string): Promise<{ id: string; event: string; data: unknown }[]> {
	const left = new AbortController();
	const headers = lastId === undefined ? undefined : { "last-event-id": lastId };
	const response = await fetch(`${agent.url}/v1/events`, { signal: left.signal, ...(headers && { headers }) });
	let text = "";
	const events = () =>
		text
			.split("\n\n")
			.slice(0, -1)
			.filter((block) => !block.startsWith(":"))
			.map((block) => {
				const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
				return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
			});
	for await (const chunk of response.body ?? []) {
		text += new TextDecoder().decode(chunk);
		if (events().length >= count) break;
	}
	left.abort();
	return events();
}

describe("the HTTP API", () => {
	it("the HTTP API shows every session in the order of the configuration, with its state, protection and exposure", async () => {
		const { status, type, text } = await call(agent.url, "/v1/sessions");
		expect([status, type]).toEqual([200, "application/json"]);
		expect(JSON.parse(text)).toMatchObject({
			sessions: [
				{
					name: "hedge",
					venue: "deribit",
					ready: true,
					armed: true,
					needsHuman: false,
					status: { state: "alive", protection: { state: "armed" } },
					exposure: { processDeathMs: 0 },
				},
				{
					name: "broker",
					ready: false,
					armed: false,
					needsHuman: true,
					notReadyReason: expect.stringContaining("Log in at"),
					layers: { login: { state: "down" } },
				},
			],
		});
		expect(text).not.toMatch(planted);
	});

	it.each([
		["/livez", "Liveness"],
		["/readyz", "Readiness"],
		["/v1/sessions", "SessionList"],
		["/v1/sessions/hedge", "Session"],
		["/v1/sessions/broker", "Session"],
		["/v1/sessions/nobody", "Problem"],
		["/v1/history", "HistoryPage"],
		["/v1/history?limit=1", "HistoryPage"],
		["/v1/timeline", "Timeline"],
		["/v1/timeline?from=a", "Problem"],
	])("the HTTP API answers %s as the OpenAPI document specifies", async (path, schema) => {
		const document = parse(readFileSync(join(import.meta.dirname, "../../../../specs/keepalive-agent.yaml"), "utf8"));
		const validate = new Ajv2020({ strict: false })
			.addSchema(document, "document")
			.compile({ $ref: `document#/components/schemas/${schema}` });
		validate(JSON.parse((await call(agent.url, path)).text));
		expect(validate.errors).toBe(null);
	});

	it("the HTTP API keeps an idle connection open for a minute", async () => {
		const { headers } = await fetch(`${agent.url}/livez`);
		expect(headers.get("keep-alive")).toBe("timeout=60");
	});

	it("the HTTP API ends a timeline at the present time if a timeline of the future is requested", async () => {
		const asked = Date.now() + 60_000;
		const { text } = await call(agent.url, `/v1/timeline?from=${asked}&to=${asked + 60_000}`);
		const { from, to, sessions } = JSON.parse(text);
		expect(to).toBeLessThan(asked);
		expect(from).toBeLessThanOrEqual(to);
		for (const { stateMs } of sessions) expect(Object.values(stateMs).every((ms) => ms === 0)).toBe(true);
	});

	it("the HTTP API answers that the agent is live but not ready when one session is not ready, and names that session and the reason", async () => {
		expect(JSON.parse((await call(agent.url, "/livez")).text)).toMatchObject({ live: true });
		const { status, text } = await call(agent.url, "/readyz");
		expect(status).toBe(503);
		expect(JSON.parse(text)).toMatchObject({ ready: false, notReady: [{ name: "broker" }] });
	});

	it("the HTTP API shows the age of the last read-back of the protection separately from the age of the last beat, because a beat proves no protection", async () => {
		const armed = async () => JSON.parse((await call(agent.url, "/v1/sessions/hedge/armed")).text);
		// A beat is acknowledged every few seconds, and the protection is read back once a minute.
		await expect.poll(async () => (await armed()).lastBeatAgeMs, { timeout: 20_000 }).toBeLessThan(1_000);
		await expect
			.poll(
				async () => {
					const { verifiedAgeMs, lastBeatAgeMs } = await armed();
					return verifiedAgeMs - lastBeatAgeMs;
				},
				{ timeout: 20_000 },
			)
			.toBeGreaterThan(1_000);
		const { verifiedAgeMs } = await armed();
		const { text } = await call(agent.url, "/metrics");
		const metric = (name: string) =>
			Number(new RegExp(`^${name}\\{session="hedge",.*\\} (\\S+)$`, "m").exec(text)?.[1]);
		expect(metric("keepalive_session_proof_age_seconds")).toBeGreaterThanOrEqual(verifiedAgeMs / 1_000);
		expect(metric("keepalive_session_beat_age_seconds")).toBeLessThan(verifiedAgeMs / 1_000);
		expect(text).not.toContain('keepalive_session_proof_age_seconds{session="broker"');
	});

	it("the HTTP API exports metrics with a bounded number of labels, and no series for a value that is unknown", async () => {
		const { status, type, text } = await call(agent.url, "/metrics");
		expect(status).toBe(200);
		expect(type).toContain("text/plain");
		expect(text).toContain('keepalive_session_armed{session="hedge",venue="deribit"} 1');
		expect(text).toContain('keepalive_session_armed{session="broker",venue="ibkr"} 0');
		expect(text).toContain('keepalive_session_state{session="broker",venue="ibkr",state="blocked"} 1');
		expect(text).toContain('keepalive_session_losses_total{session="hedge",venue="deribit",cause="closed"} 0');
		expect(text).toMatch(
			/keepalive_session_exposure_seconds\{session="hedge",venue="deribit",death="network"\} [\d.]+/,
		);
		expect(text).not.toContain('keepalive_session_exposure_seconds{session="broker"');
		expect(text).toMatch(/keepalive_session_beats_total\{session="hedge",venue="deribit"\} [1-9]/);
		expect(text).toMatch(/keepalive_session_proof_age_seconds\{session="hedge",venue="deribit"\} [\d.]+/);
		expect(text).toContain("process_resident_memory_bytes");
		expect(text).not.toMatch(planted);
	});

	it.each([
		["/nothing", 404],
		["/v1/sessions/hedg", 404],
		["/v1/sessions/__proto__", 404],
		["/v1/sessions/%E0%A4%A", 404],
		["/v1/stop", 405],
		["/v1/history?limit=0", 400],
		["/v1/history?limit=1001", 400],
		["/v1/history?limit=1.5", 400],
		["/v1/history?from=-1", 400],
		["/v1/history?from=2&to=1", 400],
		["/v1/history?from=99999999999999999", 400],
		["/v1/history?type=gap", 400],
		["/v1/history?session=", 400],
		["/v1/history?before=x", 400],
		["/v1/history?limit=1&limit=1", 400],
		["/v1/history?planted=1", 400],
		["/v1/timeline?session=hedge", 400],
	])("the HTTP API refuses GET %s with %i and problem details", async (path, expected) => {
		const { status, type, text } = await call(agent.url, path);
		expect([status, type]).toEqual([expected, "application/problem+json"]);
		expect(JSON.parse(text)).toMatchObject({ type: "about:blank", status: expected, detail: expect.any(String) });
	});

	it("the HTTP API refuses requests with a foreign Host header (DNS rebinding)", async () => {
		expect(await raw("/v1/sessions", { host: "evil.example" })).toBe(403);
		expect(await raw("/v1/sessions", { host: "localhost:1" })).toBe(200);
	});

	it("the HTTP API closes the connection of a request from another site", async () => {
		const { headers } = await fetch(`${agent.url}/v1/sessions/broker/retry`, {
			method: "POST",
			headers: { origin: "https://evil.example" },
		});
		expect(headers.get("connection")).toBe("close");
	});

	const good = { authorization: `Bearer ${secrets.KEEPALIVE_TOKEN}`, "content-type": "application/json" };
	it.each([
		["without a token", { ...good, authorization: "" }, "{}", 401],
		["with a wrong token", { ...good, authorization: "Bearer planted" }, "{}", 401],
		["from another site", { ...good, origin: "https://evil.example" }, "{}", 403],
		["with a content type that an HTML form can send", { ...good, "content-type": "text/plain" }, "{}", 415],
		["without JSON", good, "x", 400],
		["with an array", good, "[]", 400],
		["with an unknown member", good, '{"x":1}', 400],
		["with a body that is too long", good, `{"x":"${"x".repeat(10_000)}"}`, 413],
		["that is valid", good, "{}", 200],
	])("the HTTP API answers a retry request %s with the specified status", async (_, headers, body, expected) => {
		expect(await raw("/v1/sessions/broker/retry", headers, "POST", body)).toBe(expected);
	});

	it.each([[{}], [{ orders: "sell" }], [{ orders: "keep", session: 1 }], [{ orders: "keep", sesion: "hedge" }]])(
		"the HTTP API refuses a stop request with the body %j, and stops nothing",
		async (body) => {
			expect((await call(agent.url, "/v1/stop", { body })).status).toBe(400);
			expect(await viewOf("hedge")).toMatchObject({ armed: true });
		},
	);

	it("the HTTP API begins an event stream with the current records, then sends every change, and replays what a reader missed", async () => {
		const first = await readEvents(2);
		expect(first).toMatchObject([
			{ event: "status", data: { session: "hedge", status: { state: "alive" } } },
			{ event: "status", data: { session: "broker" } },
		]);
		const lastId = first[0]?.id ?? "";
		venues.links.deribit.drop();
		await untilState("hedge", "alive");
		const missed = await readEvents(3, lastId);
		const states = missed.flatMap(({ data }) => {
			// Records of alerts have no status.
			const { session, status } = data as { session: string; status?: { state: string } };
			return session === "hedge" && status ? [status.state] : [];
		});
		expect(states[0]).toBe("lost");
		expect(missed.map(({ id }) => id)).not.toContain(lastId);
		const { text } = await call(agent.url, "/metrics");
		expect(text).toContain('keepalive_session_losses_total{session="hedge",venue="deribit",cause="closed"} 1');
	});

	it("the HTTP API sends the headers of an event stream at once to a reader that has missed nothing", async () => {
		const lastId = (await readEvents(2)).at(-1)?.id ?? "";
		const response = await fetch(`${agent.url}/v1/events`, {
			headers: { "last-event-id": lastId },
			// The first ping comes only after 15 s: if the headers waited for it, this request would time out.
			signal: AbortSignal.timeout(5_000),
		});
		expect(response.status).toBe(200);
		await response.body?.cancel();
	});

	it("the HTTP API tells a reader whose Last-Event-ID is unknown, by a gap event, that events are missing", async () => {
		const events = await readEvents(3, "1-1");
		expect(events.map(({ event }) => event)).toEqual(["gap", "status", "status"]);
	});

	it("the HTTP API closes one session, says what becomes of its orders, and keeps the other sessions open", async () => {
		await untilReady("hedge");
		const { status, text } = await call(agent.url, "/v1/stop", { body: { orders: "cancel", session: "hedge" } });
		expect(status).toBe(200);
		expect(JSON.parse(text)).toMatchObject({ closed: { hedge: { orders: "cancelled", withinMs: 0 } } });
		expect((await call(agent.url, "/v1/sessions/hedge/retry", { body: {} })).status).toBe(409);
		await untilState("broker", "blocked");
		expect(agent.output()).not.toMatch(planted);
	});
});

describe("the HTTP API at an address that other machines can reach", () => {
	it("the HTTP API shows sessions only with the token, and answers probes without it", async () => {
		const file = venues.configure(["deribit"], "state: { file: open.json }\nhistory: false\n");
		writeFileSync(file, readFileSync(file, "utf8").replace("port: 0", "port: 0, host: 0.0.0.0"));
		const open = await startRun(file);
		const url = open.url.replace("0.0.0.0", "127.0.0.1");
		await until(url, "/readyz", 200);
		const anonymous = { headers: { authorization: "" } };
		expect((await call(url, "/v1/sessions", anonymous)).status).toBe(401);
		expect((await call(url, "/v1/events", anonymous)).status).toBe(401);
		expect((await call(url, "/metrics", anonymous)).status).toBe(200);
		expect((await call(url, "/v1/sessions")).status).toBe(200);
		open.kill("SIGKILL");
	});
});
