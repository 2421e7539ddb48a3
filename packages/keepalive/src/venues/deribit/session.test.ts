import { generateKeyPairSync, sign } from "node:crypto";
import { inspect } from "node:util";
import type { DeribitVenue } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { Lease } from "../../session.ts";
import type { DeribitSession } from "./index.ts";
import {
	after,
	clientId,
	clientSecret,
	credentials,
	failure,
	neverAborted,
	notArmedReason,
	refusing,
	stage,
	useFakeClock,
} from "./testing/stage.ts";

useFakeClock();

describe("DeribitSession.beat", () => {
	it("beat() sends only public/test until the read-back is 60 000 ms old, and then reads back", async () => {
		const { session, methods } = stage();
		const opened = await session.open(neverAborted);
		const before = methods().length;
		await vi.advanceTimersByTimeAsync(30_000);
		expect({ ...(await session.beat(neverAborted)), ageMs: 0 }).toEqual(opened);
		await vi.advanceTimersByTimeAsync(29_999);
		expect({ ...(await session.beat(neverAborted)), ageMs: 0 }).toEqual(opened);
		expect(methods().slice(before)).toEqual(["public/test", "public/test"]);
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed", verifiedAt: Date.now() });
		expect(methods().slice(-3)).toEqual(["public/test", "public/set_heartbeat", "private/get_cancel_on_disconnect"]);
	});

	it("beat() reports unarmed if cancel-on-disconnect was switched off, and the next beat arms again", async () => {
		const { session, trigger, isArmed } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("disarmAll");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
		expect(isArmed()).toEqual([false]);
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
		expect(isArmed()).toEqual([true]);
	});

	it("beat() sets the heartbeat interval again with each read-back", async () => {
		const { session, venue } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		await session.handle?.request("public/disable_heartbeat");
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: null }]);
		await session.beat(neverAborted);
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: 30 }]);
	});

	it("beat() reports unarmed as long as arming is acknowledged but has no effect", async () => {
		const { session, trigger } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("disarmAll");
		trigger("ignoreArming");
		for (let beats = 0; beats < 3; beats += 1) {
			expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
		}
	});

	it("beat() reports unknown if the read-back is not answered in time, and the next beat succeeds", async () => {
		const { session, trigger } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		// The last proof stays valid while the answer to the read-back may come.
		expect((await after(session.beat(neverAborted), 960)).protection).toMatchObject({ state: "armed" });
		await vi.advanceTimersByTimeAsync(5_707);
		expect(notArmedReason(session)).toContain("reading cancel-on-disconnect back failed: no answer for 6667 ms");
		trigger("suppressAnswers", { on: false });
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
	});

	it("beat() fails with retry if there is no pong for 2 160 ms, and does not report the session as ended", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		trigger("suppressAnswers");
		await after(session.beat(neverAborted), 960);
		await vi.advanceTimersByTimeAsync(240);
		expect(await failure(session.beat(neverAborted), 960)).toMatchObject({
			message: "@x/keepalive/deribit: no pong: the newest answered ping was sent 2160 ms ago.",
			session: "unclear",
			disposition: { action: "retry", withinMs: 1_500 },
		});
	});

	it("beat() accepts a late pong, which counts from the sending of its ping, and then gives the slow connection more time", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		trigger("suppressAnswers");
		await failure(session.beat(neverAborted), 960);
		trigger("suppressAnswers", { on: false });
		const { ageMs } = await session.beat(neverAborted);
		expect(ageMs).toBe(0);
	});

	it("beat() reads back after a failed beat, however recent the last read-back is", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		trigger("suppressAnswers");
		await failure(session.beat(neverAborted), 960);
		trigger("suppressAnswers", { on: false });
		trigger("disarmAll");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
	});

	it("beat() after the end of the connection fails with the reason of that end", async () => {
		const { session, link } = stage();
		const { ended } = await session.open(neverAborted);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const error = await failure(session.beat(neverAborted));
		expect(error).toBe(ended?.reason);
		expect(error).toMatchObject({ session: "ended", cause: { why: "network" } });
		expect(session.handle).toBeUndefined();
	});

	it("beat() fails and reports the session as ended if it was never opened", async () => {
		expect(await failure(stage().session.beat(neverAborted))).toMatchObject({ session: "ended" });
	});
});

describe("Lease.ended", () => {
	it.each([
		["drop", { action: "retry" }],
		["maintenance", { action: "wait", forMs: 60_000 }],
	] as const)("Lease.ended aborts between beats when the venue disconnects (%s)", async (fault, disposition) => {
		const { session, trigger } = stage();
		const lease: Lease = await session.open(neverAborted);
		expect(lease.ended?.aborted).toBe(false);
		trigger(fault);
		await vi.advanceTimersByTimeAsync(0);
		expect(lease.ended?.reason).toMatchObject({ name: "SessionError", session: "ended", disposition });
	});

	it("Lease.ended aborts with a wait of 10 s after a rate limit and of 60 s after announced maintenance", async () => {
		const { session, trigger } = stage();
		const first = await session.open(neverAborted);
		trigger("rateLimit");
		await session.handle?.call("private/get_open_orders").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(0);
		expect(first.ended?.reason).toMatchObject({ disposition: { action: "wait", forMs: 10_000 } });
		// The credit pool is empty, so the first calls wait until it has refilled.
		const second = await after(session.open(neverAborted), 1_000);
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(second.ended?.reason).toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
	});

	it("Lease.ended is the same signal in every lease of one connection", async () => {
		const { session } = stage();
		const { ended } = await session.open(neverAborted);
		expect((await session.beat(neverAborted)).ended).toBe(ended);
	});
});

async function beatFor(session: DeribitSession, ms: number, everyMs: number): Promise<void> {
	for (let left = ms; left > 0; left -= everyMs) {
		await vi.advanceTimersByTimeAsync(Math.min(left, everyMs));
		await session.beat(neverAborted);
	}
}

describe("DeribitSession.requireArmed", () => {
	it("requireArmed() returns the guarded connection, whose orders are protected", async () => {
		const { session, venue, link } = stage();
		await session.open(neverAborted);
		await session.requireArmed().call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		link.drop();
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
	});

	it("requireArmed() throws before and during an open, after a close, and after the end of the connection", async () => {
		const { session, link } = stage();
		expect(notArmedReason(session)).toContain("there is no connection");
		const opening = session.open(neverAborted);
		expect(notArmedReason(session)).toContain("there is no connection");
		await opening;
		expect(notArmedReason(session)).toBeUndefined();
		const closing = session.close("cancel");
		expect(notArmedReason(session)).toContain("there is no connection");
		await closing;
		await session.open(neverAborted);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(notArmedReason(session)).toContain("connection ended");
	});

	it("requireArmed() throws from the moment in which the newest answered ping is 2 360 ms old", async () => {
		const { session, link } = stage();
		await session.open(neverAborted);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(2_359);
		expect(notArmedReason(session)).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect(notArmedReason(session)).toContain("the newest answered ping is older than 2360 ms");
	});

	it.each([
		[{ pingMs: 20_000 }, 7_826],
		[{ pongTimeoutMs: 10_000 }, 12_197],
	])(
		"requireArmed() throws one ping interval, one pong timeout and 200 ms after a silence began, with %j limited by the lease",
		async (options, atMs) => {
			const { session, link } = stage({ intervalSeconds: 10, ...options });
			await session.open(neverAborted);
			link.faults.halfOpen({});
			const startedAt = performance.now();
			while (notArmedReason(session) === undefined) {
				await vi.advanceTimersByTimeAsync(1);
			}
			expect(Math.round(performance.now() - startedAt)).toBe(atMs);
		},
	);

	it("requireArmed() throws after a missed pong until a pong has come", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		trigger("suppressAnswers");
		await failure(session.beat(neverAborted), 960);
		await vi.advanceTimersByTimeAsync(200);
		expect(notArmedReason(session)).toContain("the newest answered ping is older");
		trigger("suppressAnswers", { on: false });
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("requireArmed() does not throw during an hour of beats at the keeper's interval", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		for (let beats = 0; beats < 3_000; beats += 1) {
			await vi.advanceTimersByTimeAsync(1_200);
			expect(notArmedReason(session)).toBeUndefined();
			await session.beat(neverAborted);
		}
	});

	it("requireArmed() throws if the read-back finds cancel-on-disconnect off, or if the read-back is not answered", async () => {
		const { session, trigger } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("disarmAll");
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toContain("is off for this connection");
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toBeUndefined();
		trigger("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const beat = session.beat(neverAborted);
		await vi.advanceTimersByTimeAsync(6_667);
		await beat;
		expect(notArmedReason(session)).toContain("no answer");
	});

	it("requireArmed() throws as soon as the program has switched cancel-on-disconnect off over the handle", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		const off = session.handle?.request("private/disable_cancel_on_disconnect");
		expect(notArmedReason(session)).toContain("was switched over this connection");
		await off;
		expect(notArmedReason(session)).toContain("was switched over this connection");
	});

	it("requireArmed() throws after the machine was suspended for longer than a ping and its pong may take", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		vi.setSystemTime(Date.now() + 2_360);
		expect(notArmedReason(session)).toContain("older than 2360 ms");
	});

	it("requireArmed() throws while maintenance is announced, even after a beat", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		trigger("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(notArmedReason(session)).toContain("announced maintenance");
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toContain("announced maintenance");
		trigger("announceMaintenance", { on: false });
		await vi.advanceTimersByTimeAsync(0);
		expect(notArmedReason(session)).toBeUndefined();
	});
});

it.each([-32601, -32602, 11042, 13021])("DeribitSession.beat asks for a retry after one error %i", async (code) => {
	const { session } = refusing(code, 1, "public/test");
	await session.open(neverAborted);
	await expect(session.beat(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
	expect((await session.beat(neverAborted)).protection.state).toBe("armed");
});

it.each([11051, 13028, 13503])(
	"DeribitSession.beat pings again after one error %i, and keeps the connection",
	async (code) => {
		const { session, isArmed } = refusing(code, 1, "public/test");
		await session.open(neverAborted);
		await expect(session.beat(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
		expect((await session.beat(neverAborted)).protection.state).toBe("armed");
		expect(isArmed()).toEqual([true]);
	},
);

it("DeribitSession.beat asks for a wait after a rate limit, which ends the session at the venue", async () => {
	const { session } = refusing(10028, 1, "public/test");
	await session.open(neverAborted);
	await expect(session.beat(neverAborted)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 10_000 } });
});

describe("the token renewal of a DeribitSession", () => {
	const authScope = "account:read_write trade:read_write session:kept expires:100";
	const client = { credentials: { ...credentials, authScope } };
	const logins = (venue: DeribitVenue): unknown[] =>
		venue.received
			.filter(({ method }) => method === "public/auth")
			.map(({ params }) => (params as { grant_type: string }).grant_type);

	it("the first beat after 80 % of the tokens' lifetime renews the tokens and then reads back", async () => {
		const { session, venue } = stage({ client, verifyEveryMs: 600_000 });
		await session.open(neverAborted);
		await beatFor(session, 79_999, 10_000);
		expect(logins(venue)).toEqual(["client_credentials"]);
		await vi.advanceTimersByTimeAsync(1);
		const { protection } = await session.beat(neverAborted);
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token"]);
		expect(protection).toMatchObject({ state: "armed", verifiedAt: Date.now() });
	});

	it("tokens that are valid for 40 days are renewed after 32 days, although no timer can be that long", async () => {
		const days = 86_400_000;
		const longLived = { ...credentials, authScope: `account:read_write expires:${40 * 86_400}` };
		const options = { client: { credentials: longLived }, intervalSeconds: 86_400 };
		const { session, venue } = stage(options, { transportIdleMs: 2e9, inactivityMs: 2e9 });
		await session.open(neverAborted);
		await beatFor(session, 31 * days, days / 2);
		expect(logins(venue)).toHaveLength(1);
		await beatFor(session, days, days / 2);
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token"]);
	});

	it("a token renewal without an answer is retried by the next beat, and the beat still succeeds", async () => {
		const { session, venue, trigger } = stage({ client });
		await session.open(neverAborted);
		await beatFor(session, 79_000, 10_000);
		trigger("suppressAnswers", { methods: ["public/auth"] });
		await vi.advanceTimersByTimeAsync(1_000);
		const beat = session.beat(neverAborted);
		await vi.advanceTimersByTimeAsync(960);
		expect((await beat).protection).toMatchObject({ state: "armed" });
		await vi.advanceTimersByTimeAsync(5_707);
		trigger("suppressAnswers", { on: false });
		await session.beat(neverAborted);
		// The venue had accepted the refresh token although its reply was lost, so the token was used up and the credentials were needed.
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "refresh_token", "client_credentials"]);
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("a token renewal is fatal if the refresh token is refused and the one login with the credentials that follows is refused with 13004", async () => {
		const { session, venue, trigger } = stage({ client });
		await session.open(neverAborted);
		await beatFor(session, 79_000, 10_000);
		trigger("revoke");
		trigger("spendRefreshTokens");
		await vi.advanceTimersByTimeAsync(1_000);
		const error: unknown = await session.beat(neverAborted).catch((thrown) => thrown);
		expect(error).toMatchObject({ disposition: { action: "fatal" }, cause: { venueCode: 13004 } });
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "client_credentials"]);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/sim-deribit/);
	});

	it("the next beat renews tokens that the venue rejects (13009), and the protection is unknown before that beat", async () => {
		const { session, trigger, venue } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("voidTokens");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unknown" });
		expect(notArmedReason(session)).toContain("13009");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "client_credentials"]);
	});

	it("a token renewal never uses the refresh token of an earlier connection", async () => {
		const { session, venue, link } = stage({ client });
		await session.open(neverAborted);
		const { refreshToken = "none" } = session.handle?.tokens() ?? {};
		link.drop();
		await session.open(neverAborted);
		await beatFor(session, 90_000, 10_000);
		expect(logins(venue)).toEqual(["client_credentials", "client_credentials", "refresh_token"]);
		expect(JSON.stringify(venue.received)).not.toContain(refreshToken);
	});

	it("a token renewal signs a new login with an Ed25519 signer if the refresh token is used up, and the session stays armed", async () => {
		const { publicKey, privateKey } = generateKeyPairSync("ed25519");
		const signer = (text: string): string => sign(null, Buffer.from(text), privateKey).toString("base64url");
		const options = { client: { credentials: { clientId, signer, authScope } } };
		const { session, venue, trigger } = stage(options, {
			publicKey: String(publicKey.export({ type: "spki", format: "pem" })),
		});
		expect((await session.open(neverAborted)).protection).toMatchObject({ state: "armed" });
		trigger("spendRefreshTokens");
		await beatFor(session, 90_000, 10_000);
		expect(logins(venue)).toEqual(["client_signature", "refresh_token", "client_signature"]);
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("a token renewal with client_signature is not sent while this machine's clock is wrong", async () => {
		const credentials = { ...client.credentials, grant: "client_signature" } as const;
		const { session, venue, trigger } = stage({ client: { credentials } });
		await session.open(neverAborted);
		await beatFor(session, 79_000, 10_000);
		trigger("skew", { ms: 31_000 });
		// Without its refresh token the client would sign again, and the venue would refuse the outdated signature with 13004.
		trigger("spendRefreshTokens");
		await beatFor(session, 20_000, 10_000);
		expect(logins(venue)).toEqual(["client_signature"]);
		expect(session.handle).toBeDefined();
		trigger("skew", { ms: 0 });
		await beatFor(session, 60_000, 10_000);
		expect(logins(venue)).toEqual(["client_signature", "refresh_token", "client_signature"]);
	});

	it("a token renewal with client_signature sends no secret", async () => {
		const { session, venue } = stage({ client: { credentials: { ...client.credentials, grant: "client_signature" } } });
		await session.open(neverAborted);
		await beatFor(session, 90_000, 10_000);
		expect(logins(venue)).toEqual(["client_signature", "refresh_token"]);
		expect(JSON.stringify(venue.received)).not.toContain(clientSecret);
	});
});
