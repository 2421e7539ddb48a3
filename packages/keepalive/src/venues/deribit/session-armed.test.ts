import { inspect } from "node:util";
import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isSessionError } from "../../session-error.ts";
import { type DeribitSession, type DeribitSessionOptions, deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

function stage(options: Partial<DeribitSessionOptions> = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const session = deribit({ clientId, clientSecret, WebSocket: memoryWebSocket(link), ...options });
	const pull = (lever: string, args = {}): unknown => link.levers[lever]?.(args);
	return { venue, link, session, pull };
}

/** Why it is not proved armed, or undefined when it is. */
function objection(session: DeribitSession): string | undefined {
	try {
		expect(session.requireArmed()).toBe(session.handle);
		return undefined;
	} catch (error) {
		expect(isSessionError(error)).toBe(true);
		const { message } = error as Error;
		expect(message).toMatch(/^@x\/keepalive\/deribit: the connection is not proved armed right now: /);
		return message;
	}
}

async function beatFor(session: DeribitSession, ms: number, everyMs: number): Promise<void> {
	for (let left = ms; left > 0; left -= everyMs) {
		await vi.advanceTimersByTimeAsync(Math.min(left, everyMs));
		await session.beat(never);
	}
}

describe("requireArmed", () => {
	it("gives the guarded connection, over which an order is protected", async () => {
		const { session, venue, link } = stage();
		await session.open(never);
		await session.requireArmed().call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		link.drop();
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
	});

	it("throws before an open, during it, after a close and after the end", async () => {
		const { session, link } = stage();
		expect(objection(session)).toContain("there is no connection");
		const opening = session.open(never);
		expect(objection(session)).toContain("there is no connection");
		await opening;
		expect(objection(session)).toBeUndefined();
		const closing = session.close("cancel");
		expect(objection(session)).toContain("there is no connection");
		await closing;
		await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(objection(session)).toContain("has ended");
	});

	it("throws once the last acknowledged beat is as old as the lease, not a millisecond before", async () => {
		const { session, link } = stage();
		await session.open(never);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(39_999);
		expect(objection(session)).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect(objection(session)).toContain("older than 40000 ms");
	});

	it("throws at once after a failed beat, and no more after one that read it back", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("suppressAnswers");
		const beat = session.beat(never).catch(() => "failed");
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await beat).toBe("failed");
		expect(objection(session)).toContain("since it was last read back");
		pull("suppressAnswers", { on: false });
		await session.beat(never);
		expect(objection(session)).toBeUndefined();
	});

	it("holds through an hour of beats at the keeper's pace, each proof given the time that asking takes", async () => {
		const { session } = stage();
		await session.open(never);
		for (let beats = 0; beats < 270; beats += 1) {
			await vi.advanceTimersByTimeAsync(13_333);
			expect(objection(session)).toBeUndefined();
			await session.beat(never);
		}
	});

	it("throws when the venue says that it is off, and when it does not answer the question", async () => {
		const { session, pull } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		pull("disarmAll");
		await session.beat(never);
		expect(objection(session)).toContain("is off for this connection");
		await session.beat(never);
		expect(objection(session)).toBeUndefined();
		pull("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const beat = session.beat(never);
		await vi.advanceTimersByTimeAsync(6_667);
		await beat;
		expect(objection(session)).toContain("no answer");
	});

	it("throws at once when the program itself switches it off over the handle", async () => {
		const { session } = stage();
		await session.open(never);
		const off = session.handle?.request("private/disable_cancel_on_disconnect");
		expect(objection(session)).toContain("was switched over this connection");
		await off;
		expect(objection(session)).toContain("was switched over this connection");
	});

	it("throws when the machine slept: the wall clock counts too", async () => {
		const { session } = stage();
		await session.open(never);
		vi.setSystemTime(Date.now() + 40_000);
		expect(objection(session)).toContain("older than 40000 ms");
	});

	it("throws while a maintenance break is announced, and the lease says unknown", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(objection(session)).toContain("maintenance break");
		expect((await session.beat(never)).protection).toMatchObject({ state: "unknown" });
		pull("announceMaintenance", { on: false });
		await vi.advanceTimersByTimeAsync(0);
		expect(objection(session)).toBeUndefined();
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
	});
});

describe("renewal", () => {
	const authScope = "account:read_write trade:read_write session:kept expires:100";
	const logins = (venue: DeribitVenue): unknown[] =>
		venue.received
			.filter(({ method }) => method === "public/auth")
			.map(({ params }) => (params as { grant_type: string }).grant_type);

	it("happens with the first beat after 80 % of the life, and the protection is read back after it", async () => {
		const { session, venue } = stage({ authScope, verifyEveryMs: 600_000 });
		await session.open(never);
		await beatFor(session, 79_999, 10_000);
		expect(logins(venue)).toEqual(["client_credentials"]);
		await vi.advanceTimersByTimeAsync(1);
		const { protection } = await session.beat(never);
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token"]);
		expect(protection).toMatchObject({ state: "armed", verifiedAt: Date.now() });
	});

	it("of a token for 40 days does not come before 32 days, which no timer could wait for", async () => {
		const days = 86_400_000;
		const options = { authScope: `account:read_write expires:${40 * 86_400}`, intervalSeconds: 86_400 };
		const { session, venue } = stage(options, { transportIdleMs: 2e9, inactivityMs: 2e9 });
		await session.open(never);
		await beatFor(session, 31 * days, days / 2);
		expect(logins(venue)).toHaveLength(1);
		await beatFor(session, days, days / 2);
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token"]);
	});

	it("that is not answered is tried again with the next beat, and the beat counts", async () => {
		const { session, venue, pull } = stage({ authScope });
		await session.open(never);
		await beatFor(session, 79_000, 10_000);
		pull("suppressAnswers", { methods: ["public/auth"] });
		await vi.advanceTimersByTimeAsync(1_000);
		const beat = session.beat(never);
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await beat).protection).toMatchObject({ state: "armed" });
		pull("suppressAnswers", { on: false });
		await session.beat(never);
		// The venue had taken the refresh token all the same, so the credentials were needed.
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "refresh_token", "client_credentials"]);
		expect(objection(session)).toBeUndefined();
	});

	it("refused with 13004 stops the session at once, after one try with the credentials", async () => {
		const { session, venue, pull } = stage({ authScope });
		await session.open(never);
		await beatFor(session, 79_000, 10_000);
		pull("revoke");
		pull("spendRefreshTokens");
		await vi.advanceTimersByTimeAsync(1_000);
		const error: unknown = await session.beat(never).catch((thrown) => thrown);
		expect(error).toMatchObject({ disposition: { action: "fatal" }, cause: { code: 13004 } });
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "client_credentials"]);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/sim-deribit/);
	});

	it("comes with the next beat when the venue takes the token no more (13009): unknown until then", async () => {
		const { session, pull, venue } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		pull("voidTokens");
		expect((await session.beat(never)).protection).toMatchObject({ state: "unknown" });
		expect(objection(session)).toContain("13009");
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "client_credentials"]);
	});

	it("never uses the token of an earlier connection: a new one logs in with the credentials", async () => {
		const { session, venue, link } = stage({ authScope });
		await session.open(never);
		const { refreshToken = "none" } = session.handle?.tokens() ?? {};
		link.drop();
		await session.open(never);
		await beatFor(session, 90_000, 10_000);
		expect(logins(venue)).toEqual(["client_credentials", "client_credentials", "refresh_token"]);
		expect(JSON.stringify(venue.received)).not.toContain(refreshToken);
	});

	it("and opening by signature never send the secret", async () => {
		const { session, venue } = stage({ authScope, authGrant: "client_signature" });
		await session.open(never);
		await beatFor(session, 90_000, 10_000);
		expect(logins(venue)).toEqual(["client_signature", "refresh_token"]);
		expect(JSON.stringify(venue.received)).not.toContain(clientSecret);
	});
});
