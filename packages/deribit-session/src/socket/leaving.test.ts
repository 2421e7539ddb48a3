import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import { DeribitCredits } from "../limits/credits.ts";
import type { DeribitSocketOptions } from "../options.ts";
import { connectDeribit } from "./connect.ts";
import type { DeribitConnection } from "./connection.ts";
import type { DeribitUnexpectedMessage } from "./handlers.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

interface Stage {
	venue: DeribitVenue;
	link: Link;
	connection: DeribitConnection;
	strange: DeribitUnexpectedMessage[];
	pull(fault: string, args?: Record<string, unknown>): unknown;
}

async function connect(
	options: DeribitSocketOptions = {},
	venueOptions: DeribitVenueOptions = {},
	socketOver: (link: Link) => typeof WebSocket = memoryWebSocket,
): Promise<Stage> {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const strange: DeribitUnexpectedMessage[] = [];
	const onUnexpected = (each: DeribitUnexpectedMessage): void => void strange.push(each);
	const connection = await connectDeribit({ WebSocket: socketOver(link), onUnexpected, ...options });
	const pull = (fault: string, args = {}): unknown => link.faults[fault]?.(args);
	return { venue, link, connection, strange, pull };
}

async function connectArmed(...args: Parameters<typeof connect>): Promise<Stage> {
	const stage = await connect(...args);
	await stage.connection.authenticate({ clientId, clientSecret });
	await stage.connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	return stage;
}

/** The error that a promise fails with; runs the clock meanwhile. */
async function failure(promise: Promise<unknown>, ms = 0): Promise<DeribitError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);
	await vi.advanceTimersByTimeAsync(ms);
	return outcome;
}

describe("the end of a connection", () => {
	it("is a heartbeat failure when the answers do not get through: 4000 after 12 s and 10 s", async () => {
		let mute = false;
		const { connection, venue, pull } = await connectArmed({}, {}, (link) => {
			return class extends memoryWebSocket(link) {
				override send(data: string): void {
					if (!mute) super.send(data);
				}
			};
		});
		await connection.request("public/set_heartbeat", { interval: 10 });
		pull("place");
		mute = true;
		await vi.advanceTimersByTimeAsync(21_999);
		expect(connection.ended.aborted).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.ended.reason).toMatchObject({
			kind: "closed",
			why: "heartbeat",
			closeCode: 4000,
			cancelOnDisconnectFired: "likely",
		});
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("is a rate limit when 10028 came just before", async () => {
		const { connection, pull } = await connectArmed();
		pull("rateLimit");
		expect(await failure(connection.request("private/get_cancel_on_disconnect"))).toMatchObject({ venueCode: 10028 });
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ why: "rate-limit", cancelOnDisconnectFired: "likely" });
	});

	it("is the network when there was no close frame, and every waiting call gets that same reason", async () => {
		const { connection, link, pull } = await connectArmed();
		pull("suppressAnswers");
		const calls = [connection.request("public/test"), connection.request("public/get_time")];
		const failures = calls.map((call) => failure(call));
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const reason = connection.ended.reason;
		expect(reason).toMatchObject({ why: "network", cancelOnDisconnectFired: "likely", closeCode: 1006 });
		expect(await Promise.all(failures)).toEqual([reason, reason]);
		expect(await failure(connection.request("public/test"))).toBe(reason);
	});

	it("leaves open what became of orders when nobody ever asked about the switch", async () => {
		const { connection, link } = await connect();
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});

	it("says that nothing fired when the venue said that the switch is off", async () => {
		const { connection, link, pull } = await connectArmed();
		pull("disarmAll");
		await connection.request("private/get_cancel_on_disconnect");
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "no" });
	});
});

describe("logout", () => {
	it("is resolved by the close and keeps the orders, armed or not", async () => {
		const { connection, venue, pull } = await connectArmed();
		pull("place");
		expect(await connection.logout()).toMatchObject({
			confirmed: true,
			why: "logout",
			cancelOnDisconnectFired: "no",
		});
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(connection.ended.reason).toMatchObject({ why: "logout" });
	});

	it("promises nothing over a dead line, after 3 000 ms", async () => {
		const { connection, link } = await connectArmed();
		link.halfOpen();
		const settled = vi.fn();
		const leaving = connection.logout().finally(settled);
		await vi.advanceTimersByTimeAsync(2_999);
		expect(settled).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(await leaving).toMatchObject({ confirmed: false, cancelOnDisconnectFired: "unknown" });
	});

	it("does not know about orders when the line breaks instead of closing", async () => {
		const { connection, link } = await connectArmed();
		const leaving = connection.logout();
		link.drop();
		expect(await leaving).toMatchObject({ confirmed: false, why: "logout", cancelOnDisconnectFired: "unknown" });
	});

	it("waits for credits, and keeps the orders: leaving without it would cancel them", async () => {
		const credits = new DeribitCredits({ pool: 1_000, perSecond: 500, reserve: 0 });
		const { connection, venue, pull } = await connectArmed({ credits });
		pull("place");
		expect(credits.left).toBe(0);
		const leaving = connection.logout();
		await vi.advanceTimersByTimeAsync(999);
		expect(venue.received.at(-1)?.method).not.toBe("private/logout");
		expect(await failure(connection.request("public/test"))).toMatchObject({ kind: "closed", why: "logout" });
		await vi.advanceTimersByTimeAsync(1);
		expect(await leaving).toMatchObject({ confirmed: true, cancelOnDisconnectFired: "no" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it.each<[string, DeribitSocketOptions]>([
		["must not wait for credits", { whenCreditsAreSpent: "refuse" }],
		["would wait for longer than the close may take", { closeTimeoutMs: 500 }],
	])(
		"that %s is not sent and leaves the connection up, which answers probes and can be left later",
		async (_, options) => {
			const credits = new DeribitCredits({ pool: 1_500, perSecond: 500, reserve: 0 });
			const { connection, venue, pull } = await connectArmed({ credits, ...options });
			await connection.request("public/set_heartbeat", { interval: 10 });
			pull("place");
			expect(await failure(connection.logout())).toMatchObject({ kind: "credits", retryAfterMs: 1_000 });
			expect(connection.ended.aborted).toBe(false);
			await vi.advanceTimersByTimeAsync(30_000);
			expect(await connection.logout()).toMatchObject({ confirmed: true, cancelOnDisconnectFired: "no" });
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
		},
	);

	it("that the socket does not take leaves the connection up", async () => {
		let broken = false;
		const { connection, venue, pull } = await connectArmed({}, {}, (link) => {
			return class extends memoryWebSocket(link) {
				override send(data: string): void {
					if (broken) throw new DOMException("no", "InvalidStateError");
					super.send(data);
				}
			};
		});
		pull("place");
		broken = true;
		expect(await failure(connection.logout())).toMatchObject({ kind: "network", call: "private/logout" });
		broken = false;
		expect(await connection.logout()).toMatchObject({ cancelOnDisconnectFired: "no" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("that is refused leaves the connection up", async () => {
		const { connection } = await connect();
		expect(await failure(connection.logout())).toMatchObject({ kind: "venue", venueCode: 13009 });
		expect(await connection.request("public/test")).toEqual({ version: "1.2.26" });
	});

	it("sends whether tokens end, and lets no other call out behind it", async () => {
		const { connection, venue } = await connectArmed();
		const leaving = connection.logout({ invalidateToken: false });
		expect(await failure(connection.request("public/test"))).toMatchObject({ kind: "closed", why: "logout" });
		await leaving;
		expect(venue.received.at(-1)).toMatchObject({ method: "private/logout", params: { invalidate_token: false } });
	});
});

describe("disconnect", () => {
	it("lets an armed switch fire", async () => {
		const { connection, venue, pull } = await connectArmed();
		pull("place");
		expect(await connection.disconnect()).toMatchObject({
			confirmed: true,
			why: "disconnect",
			cancelOnDisconnectFired: "likely",
		});
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("gives a dead line up after 3 000 ms, and never again answers a probe over it", async () => {
		const { connection, link } = await connectArmed();
		link.halfOpen();
		const leaving = connection.disconnect();
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await leaving).toMatchObject({ confirmed: false, cancelOnDisconnectFired: "likely" });
		expect(connection.ended.reason).toMatchObject({ why: "disconnect", closeCode: undefined });
	});

	it("and logout after the end tell of the end that was", async () => {
		const { connection } = await connectArmed();
		const left = await connection.disconnect();
		expect(await connection.disconnect()).toEqual(left);
		expect(await connection.logout()).toEqual(left);
	});
});
