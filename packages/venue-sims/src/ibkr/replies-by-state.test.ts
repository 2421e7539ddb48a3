import { describe, expect, it, vi } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** Functions that bring a simulator into each of the states in the tables below. */
const states: Readonly<Record<string, (options: IbkrVenueOptions) => Promise<Harness>>> = {
	"no SSO": async (options) => new Harness({ start: "none", ...options }),
	"SSO only": async (options) => new Harness({ start: "login", ...options }),
	loading: async (options) => {
		const harness = new Harness({ start: "login", ...options });
		await harness.init(false);
		return harness;
	},
	live: async (options) => new Harness({ ...options }),
	competing: async (options) => {
		const harness = new Harness({ ...options });
		harness.trigger("compete");
		return harness;
	},
};

type Row = readonly [state: keyof typeof states, options: IbkrVenueOptions, expected: unknown];
const flags = (authenticated: boolean, connected: boolean, established: boolean, competing: boolean) => ({
	authenticated,
	connected,
	established,
	competing,
});
const live = flags(true, true, true, false);
const loading = flags(true, true, false, false);
const idle = flags(false, true, false, false);
const taken = flags(true, true, true, true);
const json = (status: number, body: object) => ({ status, body: expect.objectContaining(body) });
const text = (status: number, body: unknown) => ({ status, body });
const denied = text(401, "Access Denied");

/** Status and body of the reply to a call. A JSON body is parsed. */
async function answer(harness: Harness, call: string, body = ""): Promise<unknown> {
	const [method = "", path = ""] = call.split(" ");
	const reply = await harness.ask(method, path, { body });
	const parsed: unknown = /^[[{]/.test(reply.text) ? reply.json() : reply.text;
	return { status: reply.status, body: parsed };
}

function rows(call: string, body: string, table: readonly Row[]): void {
	describe(call + (body === "" ? "" : ` with ${body}`), () => {
		it.each(table)(
			"in the state %s with options %j, the reply has the expected status and body",
			async (state, options, expected) => {
				const harness = await states[state]?.(options);
				if (!harness) throw new Error(`no state ${state}`);
				expect(await answer(harness, call, body)).toEqual(expected);
			},
		);
	});
}

const inTickle = (status: object) => json(200, { iserver: { authStatus: expect.objectContaining(status) } });

rows("POST /tickle", "", [
	["no SSO", {}, denied],
	["no SSO", { loggedOut: { tickle: 200 } }, text(200, { error: "no session" })],
	["no SSO", { redirectToLogin: true }, text(302, "")],
	["SSO only", {}, inTickle(idle)],
	["loading", {}, inTickle(loading)],
	["live", {}, inTickle(live)],
	["competing", {}, inTickle(taken)],
]);

rows("POST /iserver/auth/status", "", [
	["no SSO", {}, json(200, { ...flags(false, false, false, false), MAC: null })],
	["no SSO", { loggedOut: { status: 401 } }, denied],
	["SSO only", {}, json(200, { ...idle, fail: "" })],
	["loading", {}, json(200, loading)],
	["live", {}, json(200, { ...live, fail: "" })],
	["live", { sendEstablished: false }, json(200, { authenticated: true, connected: true, competing: false })],
	["competing", {}, json(200, { competing: true })],
]);

rows("POST /iserver/auth/ssodh/init", '{"publish":true,"compete":false}', [
	["no SSO", {}, denied],
	["no SSO", { loggedOut: { init: 410 } }, text(410, "")],
	["no SSO", { loggedOut: { init: 503 } }, json(503, { statusCode: 503 })],
	["SSO only", {}, json(200, { passed: true, ...loading })],
	["loading", {}, json(200, { passed: true, ...loading })],
	["live", {}, json(200, { passed: true, ...live })],
	["competing", {}, json(200, { passed: false, authenticated: false, connected: true, competing: false })],
]);

rows("POST /iserver/auth/ssodh/init", '{"publish":true,"compete":true}', [
	["competing", {}, json(200, { passed: true, ...loading })],
]);

rows("POST /iserver/auth/ssodh/init", '{"publish":false,"compete":false}', [
	["no SSO", {}, denied],
	...(["SSO only", "loading", "live", "competing"] as const).map(
		(state): Row => [state, {}, json(500, { error: expect.any(String) })],
	),
]);

rows("GET /sso/validate", "", [
	["no SSO", {}, denied],
	["no SSO", { loggedOut: { validate: 200 } }, json(200, { RESULT: false })],
	...(["SSO only", "loading", "live", "competing"] as const).map(
		(state): Row => [state, {}, json(200, { RESULT: true, LOGIN_TYPE: 2, region: "NJ" })],
	),
	["live", { region: "EU" }, json(200, { region: "EU" })],
]);

rows("GET /iserver/reauthenticate", "", [
	["no SSO", {}, denied],
	...(["SSO only", "loading", "live", "competing"] as const).map(
		(state): Row => [state, {}, json(200, { message: "triggered" })],
	),
]);

rows("POST /logout", "", [
	["no SSO", {}, json(200, { status: true })],
	["no SSO", { loggedOut: { logout: 401 } }, denied],
	...(["SSO only", "loading", "live", "competing"] as const).map(
		(state): Row => [state, {}, json(200, { status: true })],
	),
]);

rows("GET /iserver/accounts", "", [
	["no SSO", {}, denied],
	["SSO only", {}, text(401, "not authenticated")],
	["SSO only", { accountsWithoutBrokerage: 400 }, json(400, { error: "Bad Request: no bridge" })],
	["loading", { accountsWhileLoading: 400 }, json(400, { error: "Bad Request: no bridge" })],
	["loading", {}, text(200, {})],
	["live", {}, json(200, { accounts: ["DU0000001"] })],
	["competing", {}, text(200, {})],
]);

rows("GET /portfolio/accounts", "", [
	["no SSO", {}, denied],
	...(["SSO only", "loading", "live", "competing"] as const).map(
		(state): Row => [state, {}, { status: 200, body: expect.anything() }],
	),
]);

it("/iserver/reauthenticate opens the brokerage session, as /iserver/auth/ssodh/init does", async () => {
	const harness = new Harness({ start: "login" });
	await harness.ask("GET", "/iserver/reauthenticate");
	expect(harness.venue.truth().brokerage).toBe("loading");
	await vi.advanceTimersByTimeAsync(2_000);
	expect(harness.venue.truth().brokerage).toBe("live");
});

it("/logout ends the login, or only the brokerage session if the option logoutEndsLogin is false", async () => {
	const [whole, part] = [new Harness(), new Harness({ logoutEndsLogin: false })];
	await whole.ask("POST", "/logout");
	await part.ask("POST", "/logout");
	expect(whole.venue.truth()).toMatchObject({ loggedIn: false, brokerage: "none" });
	expect(part.venue.truth()).toMatchObject({ loggedIn: true, brokerage: "none" });
});

it("fault answer of IbkrVenue with on: false discards the prepared replies that no call has got yet", async () => {
	const harness = new Harness({ start: "live" });
	harness.venue.faults.answer({ status: 503, times: 5 });
	expect((await harness.ask("POST", "/tickle")).status).toBe(503);
	expect(harness.venue.faults.answer({ on: false })).toBe(0);
	expect((await harness.ask("POST", "/tickle")).status).toBe(200);
});
