import { beforeEach, describe, expect, it, vi } from "vitest";
import { Harness, useFakeClock } from "./ibkr/testing/harness.ts";
import type { IbkrVenueOptions } from "./ibkr.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

describe("before the session", () => {
	beforeEach(() => start());

	it("a POST without Content-Length is answered 411, a request without User-Agent 403 with HTML", async () => {
		expect((await harness.ask("POST", "/tickle", { headers: { "user-agent": "test" } })).status).toBe(411);
		const refused = await harness.ask("POST", "/tickle", { headers: { "content-length": "0" } });
		expect(refused).toMatchObject({ status: 403, text: expect.stringContaining("<html>") });
	});

	it("a path that does not exist is answered 404 with HTML and the connection closes", async () => {
		const reply = await harness.ask("POST", "/reauthenticate");
		expect(reply).toMatchObject({ status: 404, headers: { connection: "close", "content-type": "text/html" } });
	});

	it("a second tickle within a second locks the address for 900 000 ms and no other one", async () => {
		expect((await harness.ask("POST", "/tickle")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(999);
		expect((await harness.ask("POST", "/tickle")).status).toBe(429);
		await vi.advanceTimersByTimeAsync(899_999);
		expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(429);
		expect((await harness.ask("POST", "/iserver/auth/status", { from: "192.0.2.2" })).status).toBe(200);
		await vi.advanceTimersByTimeAsync(1);
		expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(200);
	});

	it("a tickle after a second passes, as do ten calls of any kind in one second, and the eleventh does not", async () => {
		await harness.ask("POST", "/tickle");
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await harness.ask("POST", "/tickle")).status).toBe(200);
		for (let call = 2; call <= 10; call++) expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(200);
		expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(429);
	});

	it("a validation is allowed once a minute", async () => {
		expect((await harness.ask("GET", "/sso/validate")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(60_000);
		expect((await harness.ask("GET", "/sso/validate")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(59_999);
		expect((await harness.ask("GET", "/sso/validate")).status).toBe(429);
	});

	it("the penalty lever locks an address for as long as it is told", async () => {
		harness.trigger("penalty", { forMs: 1_000, address: "192.0.2.1" });
		expect((await harness.ask("POST", "/tickle")).status).toBe(429);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await harness.ask("POST", "/tickle")).status).toBe(200);
	});
});

it("ssoExpires falls with time, is not raised by a tickle, and renews itself", async () => {
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

it("a logout is answered without a Content-Type", async () => {
	start();
	const reply = await harness.ask("POST", "/logout");
	expect(reply.json()).toEqual({ status: true });
	expect(reply.headers).not.toHaveProperty("content-type");
});

it("the answer lever replaces the next replies, of one path or of any", async () => {
	start();
	harness.trigger("answer", { path: "/tickle", status: 503, times: 1 });
	expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(200);
	expect(await harness.ask("POST", "/tickle")).toMatchObject({ status: 503, text: "" });
	harness.trigger("answer", { status: 200, body: "<html></html>" });
	expect((await harness.ask("GET", "/portfolio/accounts")).text).toBe("<html></html>");
});

it("the record of what was received has an end", async () => {
	start({ pacing: false });
	for (let call = 0; call < 1_010; call++) await harness.ask("POST", "/iserver/auth/status");
	expect(harness.venue.received).toHaveLength(1_000);
});

it("what the levers give survives JSON", () => {
	start();
	for (const fault of Object.keys(harness.venue.faults)) {
		const result = harness.trigger(fault);
		if (result !== undefined) expect(JSON.parse(JSON.stringify(result))).toEqual(result);
	}
});
