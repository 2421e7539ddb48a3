import { inspect } from "node:util";
import { DeribitCredits, DeribitSessionNames } from "@x/deribit-session";
import { memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import * as venueExports from "./index.ts";
import {
	clientId,
	clientSecret,
	createSession,
	credentials,
	signingCrypto as crypto,
	failure,
	neverAborted,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

it.each(["client_credentials", "client_signature"] as const)(
	"DeribitSession shows no secret in a record, error, loss or printed object, after every kind of fault (%s)",
	async (grant) => {
		const { venue, link, trigger } = stage();
		const [credits, sessionNames] = [new DeribitCredits(), new DeribitSessionNames()];
		const shown: unknown[] = [credits, sessionNames];
		const authScope = "account:read_write trade:read_write session:planted-name expires:100";
		const session = createSession(memoryWebSocket(link), {
			client: {
				credentials: { ...credentials, grant, authScope },
				credits,
				sessionNames,
				crypto,
				onUnexpected: (message) => shown.push(message),
				onNotification: (notification) => shown.push(notification),
			},
		});
		const log = (message: string, fields: unknown) => void shown.push(message, fields);
		const keeper = keepalive([session], { logger: { debug: log, info: log, warn: log, error: log } });
		keeper.onStatus((record) => shown.push(record));
		const secrets = new Set([clientId, clientSecret, "planted-name"]);
		const learn = (): void => {
			for (const token of Object.values(session.handle?.tokens() ?? {})) secrets.add(token);
			shown.push(session.handle);
		};
		const faults = ["announceMaintenance", "disarmAll", "voidTokens", "drop", "rateLimit", "maintenance"] as const;
		for (const fault of faults) {
			await vi.advanceTimersByTimeAsync(100_000);
			learn();
			trigger(fault);
			await session.handle?.call("private/get_open_orders").catch((error: unknown) => shown.push(error));
			await vi.advanceTimersByTimeAsync(20_000);
			learn();
			shown.push(session.recovery.losses);
		}
		trigger("maintenance", { on: false });
		await vi.advanceTimersByTimeAsync(100_000);
		learn();
		trigger("revoke");
		trigger("spendRefreshTokens");
		await vi.advanceTimersByTimeAsync(100_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "stopped", why: "fatal" });
		for (const { params } of venue.received) {
			// Collects the secrets that the client has sent to the venue.
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
	},
);

it("deribit() shows no secret in an OptionError, in an unexpected error or in its cause", async () => {
	const key = { clientId: "planted-id", clientSecret: "planted-secret" };
	const client = { credentials: key };
	const errors: unknown[] = [];
	for (const options of [
		{ client: { credentials: { ...key, clientId: 5 } } },
		{ client: { credentials: { ...key, clientSecrets: "planted-other" } } },
		{ client: { credentials: { ...key, authScope: 5 } } },
		{ client: { credentials: { ...key, grant: "planted-grant" } } },
		{ client: { credentials: "planted-text" } },
		{ client: { ...client, url: "wss://planted-user:planted-password@www.deribit.com" } },
		{ client: "planted-text" },
		{ ...key, client },
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
	const session = createSession(WebSocket, { client: { ...client, url: "wss://www.deribit.com?token=planted-token" } });
	errors.push(await session.open(neverAborted).catch((error: unknown) => error), session);
	expect(errors).toHaveLength(10);
	for (const error of errors) {
		expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain("planted-");
		expect(JSON.stringify(error)).not.toContain("planted-");
	}
});

it("DeribitSession shows no secret if a session, lease, handle or error is printed", async () => {
	const { session, trigger } = stage();
	const lease = await session.open(neverAborted);
	const tokens = session.handle?.tokens();
	const handle = session.handle;
	const closed = await session.close("keep");
	trigger("revoke");
	const error = await failure(session.open(neverAborted));
	const shown = inspect([session, lease, handle, closed, error, lease.ended?.reason], { depth: 10, showHidden: true });
	for (const secret of [clientId, clientSecret, tokens?.accessToken, tokens?.refreshToken]) {
		expect(secret).toMatch(/.{5}/);
		expect(shown).not.toContain(secret);
	}
});
