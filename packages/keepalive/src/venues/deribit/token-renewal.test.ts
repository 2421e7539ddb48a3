import { generateKeyPairSync, sign } from "node:crypto";
import { inspect } from "node:util";
import type { DeribitVenue } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { DeribitSession } from "./index.ts";
import {
	clientId,
	clientSecret,
	credentials,
	neverAborted,
	notArmedReason,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

async function beatFor(session: DeribitSession, ms: number, everyMs: number): Promise<void> {
	for (let left = ms; left > 0; left -= everyMs) {
		await vi.advanceTimersByTimeAsync(Math.min(left, everyMs));
		await session.beat(neverAborted);
	}
}

describe("the token renewal of a DeribitSession", () => {
	const authScope = "account:read_write trade:read_write session:kept expires:100";
	const client = { credentials: { ...credentials, authScope } };
	const logins = (venue: DeribitVenue): unknown[] =>
		venue.received
			.filter(({ method }) => method === "public/auth")
			.map(({ params }) => (params as { grant_type: string }).grant_type);

	it("the first beat() after 80 % of the tokens' lifetime renews the tokens and then reads cancel-on-disconnect back", async () => {
		const { session, venue } = stage({ client, verifyEveryMs: 600_000 });
		await session.open(neverAborted);
		await beatFor(session, 79_999, 10_000);
		expect(logins(venue)).toEqual(["client_credentials"]);
		await vi.advanceTimersByTimeAsync(1);
		const { protection } = await session.beat(neverAborted);
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token"]);
		expect(protection).toMatchObject({ state: "armed", verifiedAt: Date.now() });
	});

	it("tokens that are valid for 40 days are renewed after 32 days, although no JavaScript timer can be that long", async () => {
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

	it("a token renewal without an answer is retried by the next beat(), and both calls of beat() succeed", async () => {
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
		// The venue had accepted the refresh token, but the reply was lost. So the token was used up, and the session logged in with the API
		// key.
		expect(logins(venue)).toEqual(["client_credentials", "refresh_token", "refresh_token", "client_credentials"]);
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("beat() rejects with a fatal error if a token renewal fails because the venue refuses the refresh token and then the API key (13004)", async () => {
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

	it("beat() renews tokens that the venue has rejected (13009), and until then the protection is unknown", async () => {
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
		// Without a valid refresh token the client would sign a new login, and the venue would refuse the outdated signature with 13004.
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
