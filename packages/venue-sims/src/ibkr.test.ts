import { beforeEach, describe, expect, it, vi } from "vitest";
import { Harness, useFakeClock } from "./ibkr/testing/harness.ts";
import type { IbkrVenueOptions } from "./ibkr.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

describe("IbkrVenue", () => {
	beforeEach(() => start({ pacing: true }));

	it("IbkrVenue refuses a POST without Content-Length with 411, and a request without User-Agent with 403 as HTML", async () => {
		expect((await harness.ask("POST", "/tickle", { headers: { "user-agent": "test" } })).status).toBe(411);
		const refused = await harness.ask("POST", "/tickle", { headers: { "content-length": "0" } });
		expect(refused).toMatchObject({ status: 403, text: expect.stringContaining("<html>") });
	});

	it("IbkrVenue replies 404 as HTML to an unknown path, and closes the connection", async () => {
		const reply = await harness.ask("POST", "/reauthenticate");
		expect(reply).toMatchObject({ status: 404, headers: { connection: "close", "content-type": "text/html" } });
	});

	it("IbkrVenue puts an IP address that calls /tickle twice within a second into the penalty box for 900 000 ms, but no other address", async () => {
		expect((await harness.ask("POST", "/tickle")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(999);
		expect((await harness.ask("POST", "/tickle")).status).toBe(429);
		await vi.advanceTimersByTimeAsync(899_999);
		expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(429);
		expect((await harness.ask("POST", "/iserver/auth/status", { from: "192.0.2.2" })).status).toBe(200);
		await vi.advanceTimersByTimeAsync(1);
		expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(200);
	});

	it("IbkrVenue allows one /tickle call per second and ten calls of any kind per second, and refuses the eleventh call", async () => {
		await harness.ask("POST", "/tickle");
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await harness.ask("POST", "/tickle")).status).toBe(200);
		for (let call = 2; call <= 10; call++) expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(200);
		expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(429);
	});

	it("IbkrVenue allows one call of /sso/validate per minute", async () => {
		expect((await harness.ask("GET", "/sso/validate")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(60_000);
		expect((await harness.ask("GET", "/sso/validate")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(59_999);
		expect((await harness.ask("GET", "/sso/validate")).status).toBe(429);
	});

	it("fault penalty of IbkrVenue puts an IP address into the penalty box for the given time", async () => {
		harness.trigger("penalty", { forMs: 1_000, address: "192.0.2.1" });
		expect((await harness.ask("POST", "/tickle")).status).toBe(429);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await harness.ask("POST", "/tickle")).status).toBe(200);
	});
});

it("ssoExpires in replies of IbkrVenue counts down to 0 whatever requests arrive, and then starts again", async () => {
	start();
	const expires = async () => ((await harness.ask("POST", "/tickle")).json() as { ssoExpires: number }).ssoExpires;
	expect(await expires()).toBe(600_000);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(await expires()).toBe(540_000);
	for (let minute = 0; minute < 9; minute++) {
		await vi.advanceTimersByTimeAsync(60_000);
		await harness.ask("GET", "/portfolio/accounts");
	}
	expect(await expires()).toBe(600_000);
});

it("the reply of IbkrVenue to /logout has no Content-Type", async () => {
	start();
	const reply = await harness.ask("POST", "/logout");
	expect(reply.json()).toEqual({ status: true });
	expect(reply.headers).not.toHaveProperty("content-type");
});

it("fault answer of IbkrVenue replaces the next reply to one path or to any path", async () => {
	start();
	harness.trigger("answer", { path: "/tickle", status: 503, times: 1 });
	expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(200);
	expect(await harness.ask("POST", "/tickle")).toMatchObject({ status: 503, text: "" });
	harness.trigger("answer", { status: 200, body: "<html></html>" });
	expect((await harness.ask("GET", "/portfolio/accounts")).text).toBe("<html></html>");
});

it("IbkrVenue.received keeps the latest 1 000 requests", async () => {
	start();
	for (let call = 0; call < 1_010; call++) await harness.ask("POST", "/iserver/auth/status");
	expect(harness.venue.received).toHaveLength(1_000);
});

it("faults of IbkrVenue return JSON-serializable results; OAuth faults throw if the option consumer is not set", () => {
	start();
	const { issue, consent, revoke, wrongProof, liveSessionToken, cancel, ...faults } = harness.venue.faults;
	for (const [name, oauthFault] of Object.entries({ issue, consent, revoke, wrongProof, liveSessionToken })) {
		expect(() => oauthFault({})).toThrow(`fault ${name} requires the option consumer of IbkrVenue`);
	}
	expect(cancel({ orderId: (harness.trigger("place") as { id: string }).id })).toBeUndefined();
	const args = { orderId: (harness.trigger("place") as { id: string }).id, as: "no-session" };
	for (const fault of Object.values(faults)) {
		const result = fault(args);
		if (result !== undefined) expect(JSON.parse(JSON.stringify(result))).toEqual(result);
	}
});
