import { describe, expect, it, vi } from "vitest";
import { Harness, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("two clients of one user at the simulated IBKR", () => {
	const two = () => {
		const first = new Harness({ loadMs: 0 });
		const second = new Harness({ start: "login", loadMs: 0, user: first.venue.user });
		return { first, second };
	};

	it("the second client of an IBKR user cannot take the brokerage session from the first client by ssodh/init with compete: false", async () => {
		const { first, second } = two();
		expect((await second.init(false)).json()).toMatchObject({ passed: false, authenticated: false, competing: false });
		expect(first.venue.truth()).toMatchObject({ brokerage: "live", rival: false });
	});

	it("each client of an IBKR user can take the brokerage session by ssodh/init with compete: true; the other client then sees competing: true", async () => {
		const { first, second } = two();
		expect((await second.init(true)).json()).toMatchObject({ passed: true, authenticated: true });
		expect(first.venue.truth()).toMatchObject({ brokerage: "taken", rival: true });
		expect((await first.ask("POST", "/tickle")).text).toContain('"competing":true');
		expect((await first.init(false)).json()).toMatchObject({ passed: false });
		await first.init(true);
		expect([first.venue.truth().brokerage, second.venue.truth().brokerage]).toEqual(["live", "taken"]);
	});

	it("a client of an IBKR user can open the brokerage session again after another client logs out or becomes idle", async () => {
		const { first, second } = two();
		await second.init(true);
		await second.ask("POST", "/logout");
		expect(first.venue.truth()).toMatchObject({ brokerage: "none", rival: false });
		expect((await first.init(false)).json()).toMatchObject({ passed: true });
		await vi.advanceTimersByTimeAsync(360_000);
		second.trigger("login");
		expect((await second.init(false)).json()).toMatchObject({ passed: true });
	});

	it("two clients of one IBKR user have separate logins", async () => {
		const { first, second } = two();
		first.trigger("expireSso");
		expect(second.venue.truth().loggedIn).toBe(true);
	});
});

describe("the simulated IBKR gateway process", () => {
	it("fault restart of IbkrVenue resets every connection until the gateway process is back; then nobody is logged in", async () => {
		const harness = new Harness();
		harness.trigger("restart", { forMs: 20_000 });
		await expect(harness.ask("POST", "/tickle")).rejects.toThrow("reset");
		await vi.advanceTimersByTimeAsync(19_999);
		await expect(harness.ask("POST", "/tickle")).rejects.toThrow("reset");
		await vi.advanceTimersByTimeAsync(1);
		expect((await harness.ask("POST", "/tickle")).status).toBe(401);
	});
});

describe("the nightly reset of the simulated IBKR", () => {
	it("fault reset of IbkrVenue begins the nightly reset exactly at the scheduled time", async () => {
		const harness = new Harness();
		harness.trigger("reset", { at: Date.now() + 60_000 });
		await vi.advanceTimersByTimeAsync(59_999);
		expect(harness.venue.truth().loggedIn).toBe(true);
		await vi.advanceTimersByTimeAsync(1);
		expect(harness.venue.truth().loggedIn).toBe(false);
	});

	it("fault reset of IbkrVenue makes brokerage calls return an empty 503 for the given time", async () => {
		const harness = new Harness({ mode: "oauth1", start: "live" });
		harness.trigger("reset", { forMs: 120_000 });
		const headers = { "user-agent": "x", "content-length": "0", authorization: "OAuth x" };
		const init = () => harness.ask("POST", "/iserver/auth/ssodh/init", { headers });
		expect(await init()).toMatchObject({ status: 503, text: "" });
		expect((await harness.ask("POST", "/tickle", { headers })).status).toBe(200);
		await vi.advanceTimersByTimeAsync(120_000);
		expect((await init()).status).toBe(200);
	});
});
