import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { DeribitCredits, DeribitSessionNames } from "@x/deribit-session";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import * as venueExports from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Signs within the same turn: the real one takes turns of the event loop, over which a fake clock runs away. */
const crypto = {
	getRandomValues: (array: Uint8Array) => globalThis.crypto.getRandomValues(array),
	subtle: {
		importKey: async (_format: string, secret: Uint8Array) => secret,
		sign: async (_name: string, secret: Uint8Array, data: Uint8Array) =>
			new Uint8Array(createHmac("sha256", secret).update(data).digest()).buffer,
	},
	// The two functions of it that are used.
} as unknown as typeof globalThis.crypto;

it.each(["client_credentials", "client_signature"] as const)(
	"no secret is in a record, error, loss or printed object of a kept session that went through everything (%s)",
	async (authGrant) => {
		const venue = new DeribitVenue();
		const link = new Link(venue);
		const [credits, sessionNames] = [new DeribitCredits(), new DeribitSessionNames()];
		const shown: unknown[] = [credits, sessionNames];
		const session = venueExports.deribit({
			clientId,
			clientSecret,
			authGrant,
			authScope: "account:read_write trade:read_write session:planted-name expires:100",
			WebSocket: memoryWebSocket(link),
			credits,
			sessionNames,
			crypto,
			onUnexpected: (strange) => shown.push(strange),
			onNotification: (notification) => shown.push(notification),
		});
		const keeper = keepalive([session]);
		keeper.onStatus((record) => shown.push(record));
		const secrets = new Set([clientId, clientSecret, "planted-name"]);
		const learn = (): void => {
			for (const token of Object.values(session.handle?.tokens() ?? {})) secrets.add(token);
			shown.push(session.handle);
		};
		for (const lever of ["announceMaintenance", "disarmAll", "voidTokens", "drop", "rateLimit", "maintenance"]) {
			await vi.advanceTimersByTimeAsync(100_000);
			learn();
			link.levers[lever]?.({});
			await session.handle?.call("private/get_open_orders").catch((error: unknown) => shown.push(error));
			await vi.advanceTimersByTimeAsync(20_000);
			learn();
			shown.push(session.losses);
		}
		link.levers["maintenance"]?.({ on: false });
		await vi.advanceTimersByTimeAsync(100_000);
		learn();
		link.levers["revoke"]?.({});
		link.levers["spendRefreshTokens"]?.({});
		await vi.advanceTimersByTimeAsync(100_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "stopped", why: "fatal" });
		for (const { params } of venue.received) {
			// What was sent and must not be seen again, whatever it was called.
			for (const name of ["signature", "nonce", "refresh_token", "client_secret"]) {
				const value = (params as Record<string, unknown> | undefined)?.[name];
				if (typeof value === "string") secrets.add(value);
			}
		}
		shown.push(session, keeper, keeper.snapshot(), venueExports, ...Object.values(venueExports));
		const text = inspect(shown, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null });
		expect(secrets.size).toBeGreaterThan(12);
		expect([...secrets].filter((secret) => text.includes(secret) || JSON.stringify(shown[2]).includes(secret))).toEqual(
			[],
		);
		await keeper.stop({ orders: "keep" });
		link.close();
		expect(vi.getTimerCount()).toBe(0);
	},
);

it("no secret is in an error about options, or in the causes of one that nobody foresaw", async () => {
	const key = { clientId: "planted-id", clientSecret: "planted-secret" };
	const errors: unknown[] = [];
	for (const options of [
		{ ...key, clientId: 5 },
		{ ...key, clientSecrets: "planted-other" },
		{ ...key, intervalSeconds: "planted-text" },
		{ ...key, reconcile: "planted-text" },
		{ ...key, scope: "planted-text" },
		"planted-text",
	]) {
		try {
			venueExports.deribit(options as never);
			expect.fail("it succeeded");
		} catch (error) {
			errors.push(error);
		}
	}
	class Quoting {
		constructor(url: string) {
			throw new Error(`cannot open ${url}`);
		}
	}
	const WebSocket = Quoting as unknown as typeof globalThis.WebSocket;
	const never = new AbortController().signal;
	for (const options of [
		{ url: "wss://planted-user:planted-password@www.deribit.com" },
		{ url: "wss://www.deribit.com?token=planted-token", WebSocket },
		{ authGrant: "planted-grant" as never, WebSocket: memoryWebSocket(new Link(new DeribitVenue())) },
	]) {
		const session = venueExports.deribit({ ...key, ...options });
		errors.push(await session.open(never).catch((error: unknown) => error), session);
	}
	expect(errors).toHaveLength(12);
	for (const error of errors) {
		expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain("planted-");
		expect(JSON.stringify(error)).not.toContain("planted-");
	}
});
