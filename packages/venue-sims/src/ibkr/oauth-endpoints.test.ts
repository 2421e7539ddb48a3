import { describe, expect, it } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

describe("OAuth at the simulated IBKR", () => {
	it("OAuth 1.0a of IbkrVenue requires an Authorization header for token calls; a live session token logs the user in", async () => {
		start({ mode: "oauth1" });
		expect((await harness.ask("POST", "/oauth/live_session_token")).json()).toMatchObject({ statusCode: 401 });
		expect(harness.venue.truth().loggedIn).toBe(false);
		const headers = { "user-agent": "x", "content-length": "0", authorization: "OAuth x" };
		await harness.ask("POST", "/oauth/live_session_token", { headers });
		expect(harness.venue.truth()).toMatchObject({ loggedIn: true, brokerage: "none" });
		const tickle = (await harness.ask("POST", "/tickle", { headers })).json();
		expect(tickle).not.toHaveProperty("ssoExpires");
		expect((await harness.ask("GET", "/sso/validate", { headers })).status).toBe(401);
	});

	it("OAuth 2.0 of IbkrVenue refuses an undocumented token request and an unknown bearer token", async () => {
		start({ mode: "oauth2" });
		const headers = {
			"user-agent": "x",
			"content-length": "1",
			authorization: "Bearer x",
			"content-type": "application/jwt",
		};
		expect((await harness.ask("POST", "/oauth2/api/v1/token", { body: "grant_type=password" })).status).toBe(400);
		expect((await harness.ask("POST", "/gw/api/v1/sso-sessions", { body: "a.b.c", headers })).json()).toMatchObject({
			status: 401,
		});
	});
});
