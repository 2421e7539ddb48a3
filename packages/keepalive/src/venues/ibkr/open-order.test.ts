import { neverAborted } from "@x/base/clock";
import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { createIbkrOAuth } from "@x/ibkr-session/oauth";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { ibkr } from "./index.ts";
import { Stage, settled, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

const afterLook = ["/iserver/auth/ssodh/init", "/iserver/auth/status", "/iserver/auth/status"];
const proof = ["/iserver/accounts", "/tickle"];

describe("the order of the calls that open() makes", () => {
	it("open() at a gateway sends validation, status, init, status until ready, accounts and tickle", async () => {
		const stage = await new Stage({ start: "login" }).afterFirstMinute();
		await stage.open();
		expect(stage.paths()).toEqual(["/sso/validate", "/iserver/auth/status", ...afterLook, ...proof]);
	});

	it("open() in the first minute of a process sends the status first, and a tickle instead of the validation", async () => {
		const stage = new Stage({ start: "login" });
		await stage.open();
		expect(stage.paths()).toEqual(["/iserver/auth/status", "/tickle", ...afterLook, ...proof]);
	});

	it("open() over OAuth 1.0a sends status and init after authorize has made a token, and sends no validation", async () => {
		const order: string[] = [];
		const authorize = async ({ url }: { url: string }) => {
			if (order.length === 0) order.push("token");
			order.push(new URL(url).pathname.replace("/v1/api", ""));
			return { authorization: "OAuth x" };
		};
		const stage = new Stage({ mode: "oauth1", start: "login" }, { mode: "oauth1", client: { authorize } });
		await stage.open();
		expect(order).toEqual(["token", "/iserver/auth/status", ...afterLook, ...proof]);
	});

	it("open() over OAuth 2.0 sends validation, status and init after authorize has made a bearer token", async () => {
		const venue = new IbkrVenue({ pacing: true, mode: "oauth2" });
		const link = new Link(venue);
		const fetch = memoryFetch(link);
		const penaltyBox = createIbkrPenaltyBox();
		const oauth = createIbkrOAuth({ fetch, penaltyBox });
		let bearer: string | undefined;
		const authorize = async () => {
			if (bearer === undefined) {
				const token = await oauth.oauth2Token({ clientAssertion: "a.b.c" });
				const session = await oauth.ssoSession({ bearer: token.accessToken.reveal(), assertion: "a.b.c" });
				bearer = session.accessToken.reveal();
			}
			return { authorization: `Bearer ${bearer}` };
		};
		const session = ibkr({ mode: "oauth2", client: { authorize, fetch, penaltyBox } });
		await vi.advanceTimersByTimeAsync(62_000);
		await settled(session.open(neverAborted));
		expect(venue.received.map(({ path }) => path.replace("/v1/api", ""))).toEqual([
			"/oauth2/api/v1/token",
			"/gw/api/v1/sso-sessions",
			"/sso/validate",
			"/iserver/auth/status",
			...afterLook,
			...proof,
		]);
		link.close();
	});
});
