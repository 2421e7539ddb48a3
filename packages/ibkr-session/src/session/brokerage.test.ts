import { describe, expect, it } from "vitest";
import { createIbkrHttp, createIbkrPenaltyBox, type IbkrHttp } from "../index.ts";

const answered = (status: number, body: string | null, headers: Record<string, string> = {}): IbkrHttp =>
	createIbkrHttp({ fetch: async () => new Response(body, { status, headers }), penaltyBox: createIbkrPenaltyBox() });
const status = (wire: object) => answered(200, JSON.stringify(wire)).status();

describe("the states that were seen of a brokerage session", () => {
	it.each([
		[
			"live, as documented",
			{
				authenticated: true,
				competing: false,
				connected: true,
				message: "",
				MAC: "98:F2:B3:23:BF:A0",
				serverInfo: { serverName: "JifN19053", serverVersion: "Build 10.25.0p, Dec 5, 2023 5:48:12 PM" },
			},
			{ state: "ready", established: true, server: { name: "JifN19053" } },
		],
		[
			"live, with all that newer servers send",
			{ ...allTrue(), hardware_info: "01234567|98:F2", fail: "" },
			{ state: "ready" },
		],
		["still loading", { ...allTrue(), established: false }, { state: "loading", established: false }],
		[
			"idle, the login still good",
			{ authenticated: false, connected: true, competing: false },
			{ state: "unauthenticated", connected: true },
		],
		[
			"timed out, as documented",
			{ authenticated: false, competing: false, connected: false, MAC: "98:F2:B3:23:BF:A0" },
			{ state: "disconnected" },
		],
		[
			"logged out",
			{ authenticated: false, established: false, competing: false, connected: false, MAC: null },
			{ state: "disconnected" },
		],
		["taken by another session", { ...allTrue(), competing: true }, { state: "competing", authenticated: true }],
		[
			"refused to a key that can only force",
			{
				authenticated: false,
				connected: true,
				competing: false,
				fail: "Force compete capability must be used together with compete flag",
			},
			{ state: "unauthenticated", forceOnly: true, competing: false },
		],
		["with members that nobody described", { ...allTrue(), prompts: ["x"], more: { a: 1 } }, { state: "ready" }],
		[
			"with null where a text is due",
			{ ...allTrue(), message: null, MAC: null, fail: null, serverInfo: { serverName: null, serverVersion: null } },
			{ state: "ready" },
		],
	])("%s", async (_, wire, expected) => {
		expect(await status(wire)).toMatchObject({ kind: "status", brokerage: expected });
	});

	function allTrue() {
		return { authenticated: true, established: true, competing: false, connected: true };
	}
});

describe("further replies of the venue's table", () => {
	it.each(["/sso/Login?forwardTo=22&RL=1", "/sso/Dispatcher", "https://api.ibkr.com/sso/Login"])(
		"302 to %s is a user without a login",
		async (location) => {
			const outcome = await answered(302, "<html></html>", { location }).tickle();
			expect(outcome).toEqual({ kind: "no-session", because: "login-redirect", status: 302 });
		},
	);

	it("503 with a body and with none is a venue that is not available, whatever the session does", async () => {
		for (const body of ['{"error":"service unavailable","statusCode":503}', '{"error":"x","statusCode":"503"}', null]) {
			await expect(answered(503, body).status()).rejects.toMatchObject({ kind: "unavailable", status: 503 });
		}
	});

	it("400 that asks for the accounts first is a refusal of that call, not a session that is gone", async () => {
		const body = '{"error":"Bad Request: Please query /accounts first","statusCode":400}';
		await expect(answered(400, body).accounts()).rejects.toMatchObject({ kind: "http", status: 400 });
	});

	it("401 of the iserver calls says that the brokerage session is missing, not the login", async () => {
		expect(await answered(401, "not authenticated").accounts()).toMatchObject({ kind: "no-brokerage" });
		expect(await answered(401, null).accounts()).toMatchObject({ kind: "no-session", because: "access-denied" });
	});

	it("a reply is read by its first character, whatever its Content-Type says", async () => {
		const json = '\n {"status":true}';
		expect(await answered(200, json, { "content-type": "text/html" }).logout()).toEqual({ kind: "logged-out" });
		const html = answered(200, " <html></html>", { "content-type": "application/json" });
		await expect(html.logout()).rejects.toMatchObject({ kind: "reply" });
		expect(await answered(401, "no session", { "content-type": "application/json" }).tickle()).toMatchObject({
			because: "error-body",
		});
	});
});
