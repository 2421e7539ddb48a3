import { describe, expect, it, vi } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

describe("the brokerage session of the simulated IBKR", () => {
	it("/iserver/auth/status has the members that the real IBKR sends, in a live session and after a logout", async () => {
		start();
		expect((await harness.ask("POST", "/iserver/auth/status")).json()).toMatchObject({
			authenticated: true,
			established: true,
			competing: false,
			connected: true,
			message: "",
			fail: "",
			serverInfo: { serverName: expect.any(String) },
			hardware_info: expect.stringMatching(/^[0-9a-f]{8}\|/),
		});
		await harness.ask("POST", "/logout");
		expect((await harness.ask("POST", "/iserver/auth/status")).json()).toEqual({
			authenticated: false,
			established: false,
			competing: false,
			connected: false,
			MAC: null,
		});
	});

	it("the brokerage session of IbkrVenue ends six minutes after the last request; the login stays valid", async () => {
		start();
		await vi.advanceTimersByTimeAsync(300_000);
		await harness.ask("GET", "/portfolio/accounts");
		await vi.advanceTimersByTimeAsync(359_999);
		expect(harness.venue.truth().brokerage).toBe("live");
		await vi.advanceTimersByTimeAsync(1);
		expect(harness.venue.truth()).toMatchObject({ brokerage: "none", loggedIn: true });
	});

	it("the brokerage session of IbkrVenue is not kept alive by unauthorized requests", async () => {
		start({ mode: "oauth1", start: "live" });
		await vi.advanceTimersByTimeAsync(300_000);
		expect((await harness.ask("POST", "/tickle")).status).toBe(401);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(harness.venue.truth().brokerage).toBe("none");
	});

	it("the brokerage session of IbkrVenue is loading for 2 s after ssodh/init; ssodh/init in a live brokerage session changes nothing", async () => {
		start({ start: "login" });
		expect((await harness.init(false)).json()).toMatchObject({ passed: true, authenticated: true, established: false });
		await vi.advanceTimersByTimeAsync(1_999);
		expect(harness.venue.truth().brokerage).toBe("loading");
		await vi.advanceTimersByTimeAsync(1);
		expect(harness.venue.truth().brokerage).toBe("live");
		expect((await harness.init(false)).json()).toMatchObject({ passed: true, established: true });
	});

	it.each([
		["JSON", '{"publish":false,"compete":false}', undefined, ""],
		["strings in JSON", '{"publish":"false"}', undefined, ""],
		["a form", "publish=false&compete=true", "application/x-www-form-urlencoded", ""],
		["the query", "", undefined, "?publish=false"],
	])("ssodh/init with publish:false, given as %s, gets status 500", async (_, body, type, query) => {
		start();
		const headers = {
			"user-agent": "x",
			"content-length": String(body.length),
			...(type ? { "content-type": type } : {}),
		};
		const reply = await harness.ask("POST", `/iserver/auth/ssodh/init${query}`, { body, headers });
		expect(reply).toMatchObject({ status: 500 });
		expect(reply.json()).toEqual({ error: expect.any(String) });
	});

	it("ssodh/init with compete: false is refused while another login holds the brokerage session; the refusal says competing: false", async () => {
		start();
		harness.trigger("compete", { forMs: 5_000 });
		expect((await harness.init(false)).json()).toEqual({
			passed: false,
			authenticated: false,
			competing: false,
			connected: true,
		});
		await vi.advanceTimersByTimeAsync(5_000);
		expect(harness.venue.truth()).toMatchObject({ rival: false, brokerage: "none" });
		expect((await harness.init(false)).json()).toMatchObject({ passed: true });
	});

	it("ssodh/init with compete: true takes the brokerage session away from another login, and so does fault leave", async () => {
		start();
		harness.trigger("compete");
		expect((await harness.init(true)).json()).toMatchObject({ passed: true });
		expect(harness.venue.truth().rival).toBe(false);
		expect(harness.trigger("leave")).toBe(false);
		harness.trigger("compete");
		expect(harness.trigger("leave")).toBe(true);
	});

	it("ssodh/init with compete: false is refused if the option forceOnlyKey is true; the next auth/status names the reason", async () => {
		start({ start: "login", forceOnlyKey: true });
		expect((await harness.init(false)).json()).toMatchObject({ passed: false, competing: false });
		expect((await harness.ask("POST", "/iserver/auth/status")).json()).toMatchObject({
			fail: expect.stringContaining("Force compete"),
		});
		expect((await harness.init(true)).json()).toMatchObject({ passed: true });
	});

	it("the nightly reset of IbkrVenue ends the brokerage session; it also ends the login at a gateway, but not over OAuth", async () => {
		start();
		harness.trigger("reset");
		expect(harness.venue.truth()).toMatchObject({ loggedIn: false, brokerage: "none" });
		harness.trigger("login");
		await vi.advanceTimersByTimeAsync(2_000);
		expect(harness.venue.truth()).toMatchObject({ loggedIn: true, brokerage: "live" });
		start({ mode: "oauth1", start: "live" });
		harness.trigger("reset");
		expect(harness.venue.truth()).toMatchObject({ loggedIn: true, brokerage: "none" });
	});

	it("the login to IbkrVenue and its brokerage session end after the time in option loginMs, whatever requests arrive", async () => {
		start({ loginMs: 10_000 });
		for (let second = 1; second < 10; second++) {
			await vi.advanceTimersByTimeAsync(1_000);
			expect((await harness.ask("POST", "/tickle")).status).toBe(200);
		}
		await vi.advanceTimersByTimeAsync(1_000);
		expect(harness.venue.truth()).toMatchObject({ loggedIn: false, brokerage: "none" });
	});
});
