import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import { DeribitCredits } from "../limits/credit-rate-limiter.ts";
import type { DeribitSocketOptions } from "../options.ts";
import type { DeribitUnexpectedMessage } from "./call-user-handlers.ts";
import { connectDeribit } from "./connect.ts";
import type { DeribitConnection } from "./connection.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

interface Setup {
	venue: DeribitVenue;
	link: Link;
	connection: DeribitConnection;
	unexpected: DeribitUnexpectedMessage[];
	triggerFault(fault: string, args?: Record<string, unknown>): unknown;
}

async function connect(
	options: DeribitSocketOptions = {},
	venueOptions: DeribitVenueOptions = {},
	socketOver: (link: Link) => typeof WebSocket = memoryWebSocket,
): Promise<Setup> {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const unexpected: DeribitUnexpectedMessage[] = [];
	const onUnexpected = (each: DeribitUnexpectedMessage): void => void unexpected.push(each);
	const connection = await connectDeribit({ WebSocket: socketOver(link), onUnexpected, ...options });
	const triggerFault = (fault: keyof typeof link.faults, args = {}): unknown => link.faults[fault](args);
	return { venue, link, connection, unexpected, triggerFault };
}

async function connectArmed(...args: Parameters<typeof connect>): Promise<Setup> {
	const connected = await connect(...args);
	await connected.connection.authenticate({ clientId, clientSecret });
	await connected.connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	return connected;
}

/** Returns the error with which a promise rejects. Advances the fake clock by `ms` before it awaits the promise. */
async function failure(promise: Promise<unknown>, ms = 0): Promise<DeribitError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);
	await vi.advanceTimersByTimeAsync(ms);
	return outcome;
}

describe("DeribitConnection", () => {
	it("DeribitConnection ends with reason `heartbeat` when the venue does not get the replies to test_request", async () => {
		let mute = false;
		const { connection, venue, triggerFault } = await connectArmed({}, {}, (link) => {
			return class extends memoryWebSocket(link) {
				override send(data: string): void {
					if (!mute) super.send(data);
				}
			};
		});
		await connection.request("public/set_heartbeat", { interval: 10 });
		triggerFault("place");
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

	it("DeribitConnection ends with reason `rate-limit` when the venue has just replied that the rate limit is exceeded (10028)", async () => {
		const { connection, triggerFault } = await connectArmed();
		triggerFault("rateLimit");
		expect(await failure(connection.request("private/get_cancel_on_disconnect"))).toMatchObject({ venueCode: 10028 });
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ why: "rate-limit", cancelOnDisconnectFired: "likely" });
	});

	it("DeribitConnection ends with reason `network` and fails all pending calls when it drops without a close frame", async () => {
		const { connection, link, triggerFault } = await connectArmed();
		triggerFault("suppressAnswers");
		const calls = [connection.request("public/test"), connection.request("public/get_time")];
		const failures = calls.map((call) => failure(call));
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const reason = connection.ended.reason;
		expect(reason).toMatchObject({ why: "network", cancelOnDisconnectFired: "likely", closeCode: 1006 });
		expect(await Promise.all(failures)).toEqual([reason, reason]);
		expect(await failure(connection.request("public/test"))).toBe(reason);
	});

	it("DeribitConnection reports cancelOnDisconnectFired `unknown` when it drops before cancel-on-disconnect was set or read", async () => {
		const { connection, link } = await connect();
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});

	it("DeribitConnection reports cancelOnDisconnectFired `no` when it drops and cancel-on-disconnect was read back as off", async () => {
		const { connection, link, triggerFault } = await connectArmed();
		triggerFault("disarmAll");
		await connection.request("private/get_cancel_on_disconnect");
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "no" });
	});
});

describe("DeribitConnection.logout", () => {
	it("logout() resolves at the venue's close frame, and the venue keeps the orders although cancel-on-disconnect is on", async () => {
		const { connection, venue, triggerFault } = await connectArmed();
		triggerFault("place");
		expect(await connection.logout()).toMatchObject({
			confirmed: true,
			why: "logout",
			cancelOnDisconnectFired: "no",
		});
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(connection.ended.reason).toMatchObject({ why: "logout" });
	});

	it("logout() gives up after 3 000 ms when the connection is dead, and reports cancelOnDisconnectFired unknown", async () => {
		const { connection, link } = await connectArmed();
		link.halfOpen();
		const settled = vi.fn();
		const closing = connection.logout().finally(settled);
		await vi.advanceTimersByTimeAsync(2_999);
		expect(settled).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(await closing).toMatchObject({ confirmed: false, cancelOnDisconnectFired: "unknown" });
	});

	it("logout() reports cancelOnDisconnectFired `unknown` when the connection drops before the close frame", async () => {
		const { connection, link } = await connectArmed();
		const closing = connection.logout();
		link.drop();
		expect(await closing).toMatchObject({ confirmed: false, why: "logout", cancelOnDisconnectFired: "unknown" });
	});

	it("logout() waits until there are enough credits to send private/logout, after which the venue keeps the orders", async () => {
		const credits = new DeribitCredits({ pool: 1_000, perSecond: 500, reserve: 0, jitterMs: 0 });
		const { connection, venue, triggerFault } = await connectArmed({ credits });
		triggerFault("place");
		expect(credits.left).toBe(0);
		const closing = connection.logout();
		await vi.advanceTimersByTimeAsync(999);
		expect(venue.received.at(-1)?.method).not.toBe("private/logout");
		expect(await failure(connection.request("public/test"))).toMatchObject({ kind: "closed", why: "logout" });
		await vi.advanceTimersByTimeAsync(1);
		expect(await closing).toMatchObject({ confirmed: true, cancelOnDisconnectFired: "no" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it.each<[string, DeribitSocketOptions]>([
		["calls must not wait for credits", { whenCreditsAreSpent: "refuse" }],
		["the credits come after closeTimeoutMs", { closeTimeoutMs: 500 }],
	])("logout() fails and leaves the connection open when %s", async (_, options) => {
		const credits = new DeribitCredits({ pool: 1_500, perSecond: 500, reserve: 0, jitterMs: 0 });
		const { connection, venue, triggerFault } = await connectArmed({ credits, ...options });
		await connection.request("public/set_heartbeat", { interval: 10 });
		triggerFault("place");
		expect(await failure(connection.logout())).toMatchObject({ kind: "credits", retryAfterMs: 1_000 });
		expect(connection.ended.aborted).toBe(false);
		await vi.advanceTimersByTimeAsync(30_000);
		expect(await connection.logout()).toMatchObject({ confirmed: true, cancelOnDisconnectFired: "no" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("logout() fails and leaves the connection open when the socket throws on send", async () => {
		let broken = false;
		const { connection, venue, triggerFault } = await connectArmed({}, {}, (link) => {
			return class extends memoryWebSocket(link) {
				override send(data: string): void {
					if (broken) throw new DOMException("no", "InvalidStateError");
					super.send(data);
				}
			};
		});
		triggerFault("place");
		broken = true;
		expect(await failure(connection.logout())).toMatchObject({ kind: "network", call: "private/logout" });
		broken = false;
		expect(await connection.logout()).toMatchObject({ cancelOnDisconnectFired: "no" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("logout() fails and leaves the connection open when the venue refuses the logout", async () => {
		const { connection } = await connect();
		expect(await failure(connection.logout())).toMatchObject({ kind: "venue", venueCode: 13009 });
		expect(await connection.request("public/test")).toEqual({ version: "1.2.26" });
	});

	it("logout() passes invalidateToken to the venue, and makes later calls fail", async () => {
		const { connection, venue } = await connectArmed();
		const closing = connection.logout({ invalidateToken: false });
		expect(await failure(connection.request("public/test"))).toMatchObject({ kind: "closed", why: "logout" });
		await closing;
		expect(venue.received.at(-1)).toMatchObject({ method: "private/logout", params: { invalidate_token: false } });
	});
});

describe("DeribitConnection.disconnect", () => {
	it("disconnect() closes the connection, and the venue cancels the orders when cancel-on-disconnect is on", async () => {
		const { connection, venue, triggerFault } = await connectArmed();
		triggerFault("place");
		expect(await connection.disconnect()).toMatchObject({
			confirmed: true,
			why: "disconnect",
			cancelOnDisconnectFired: "likely",
		});
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("disconnect() gives up after 3 000 ms when the connection is dead and no close frame comes", async () => {
		const { connection, link } = await connectArmed();
		link.halfOpen();
		const closing = connection.disconnect();
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await closing).toMatchObject({ confirmed: false, cancelOnDisconnectFired: "likely" });
		expect(connection.ended.reason).toMatchObject({ why: "disconnect", closeCode: undefined });
	});

	it("disconnect() returns the result of the first close when disconnect() or logout() is called again", async () => {
		const { connection } = await connectArmed();
		const left = await connection.disconnect();
		expect(await connection.disconnect()).toEqual(left);
		expect(await connection.logout()).toEqual(left);
	});
});
