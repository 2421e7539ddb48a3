import { describe, expect, it } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Stage, underFakeClock } from "./testing/stage.ts";

let stage: Stage;

function start(options: IbkrVenueOptions = {}): void {
	stage = new Stage(options);
}

underFakeClock();

describe("OAuth", () => {
	it("1.0a needs a signed header for its tokens, and the live session token is the login", async () => {
		start({ mode: "oauth1", pacing: false });
		expect((await stage.ask("POST", "/oauth/live_session_token")).json()).toMatchObject({ statusCode: 401 });
		expect(stage.venue.truth().loggedIn).toBe(false);
		const headers = { "user-agent": "x", "content-length": "0", authorization: "OAuth x" };
		await stage.ask("POST", "/oauth/live_session_token", { headers });
		expect(stage.venue.truth()).toMatchObject({ loggedIn: true, brokerage: "none" });
		const tickle = (await stage.ask("POST", "/tickle", { headers })).json();
		expect(tickle).not.toHaveProperty("ssoExpires");
		expect((await stage.ask("GET", "/sso/validate", { headers })).status).toBe(401);
	});

	it("2.0 refuses a form that is not the documented one and a bearer it did not give", async () => {
		start({ mode: "oauth2" });
		const headers = {
			"user-agent": "x",
			"content-length": "1",
			authorization: "Bearer x",
			"content-type": "application/jwt",
		};
		expect((await stage.ask("POST", "/oauth2/api/v1/token", { body: "grant_type=password" })).status).toBe(400);
		expect((await stage.ask("POST", "/gw/api/v1/sso-sessions", { body: "a.b.c", headers })).json()).toMatchObject({
			status: 401,
		});
	});
});
