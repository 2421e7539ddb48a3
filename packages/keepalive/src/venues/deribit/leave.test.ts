import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { deribitExposure } from "./exposure.ts";
import { createSession, credentials, neverAborted, order, stage, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

/** The client's default for its option `closeTimeoutMs`. */
const closeTimeoutMs = 3_000;

describe("DeribitSession.close", () => {
	it("close() with `keep` logs out, after which the venue keeps the orders", async () => {
		const { session, venue, trigger } = stage();
		await session.open(neverAborted);
		trigger("place");
		expect(await session.close("keep")).toMatchObject({ orders: "kept" });
		expect(venue.received.at(-1)?.method).toBe("private/logout");
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("close() with `cancel` reads cancel-on-disconnect back and disconnects, and the venue cancels at once", async () => {
		const { session, venue, trigger } = stage();
		await session.open(neverAborted);
		trigger("place");
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 0 });
		expect(venue.received.at(-1)?.method).toBe("private/get_cancel_on_disconnect");
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("close() with `cancel` arms cancel-on-disconnect again if somebody has switched it off, or reports that this failed", async () => {
		const first = stage();
		await first.session.open(neverAborted);
		first.trigger("place");
		first.trigger("disarmAll");
		expect(await first.session.close("cancel")).toMatchObject({ orders: "cancelled" });
		expect(first.venue.orders()).toMatchObject([{ state: "cancelled" }]);

		const second = stage();
		await second.session.open(neverAborted);
		second.trigger("place");
		second.trigger("disarmAll");
		second.trigger("ignoreArming");
		expect(await second.session.close("cancel")).toMatchObject({ orders: "refused" });
		expect(second.venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it.each(["keep", "cancel"] as const)("close(%s) of a dead connection reports unknown within 6 s", async (orders) => {
		const { session, link } = stage();
		await session.open(neverAborted);
		link.halfOpen();
		const closing = session.close(orders);
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await closing).toMatchObject({ orders: "unknown" });
	});

	it("close() with `keep` reports unknown if the connection ends while the expired tokens are renewed", async () => {
		const { session, venue, link, trigger } = stage();
		await session.open(neverAborted);
		trigger("place");
		trigger("voidTokens");
		trigger("suppressAnswers", { methods: ["public/auth"] });
		const closing = session.close("keep");
		await vi.advanceTimersByTimeAsync(100);
		link.drop();
		expect(await closing).toEqual({ orders: "unknown", detail: expect.stringMatching(/connection.*Check the orders/) });
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("close() with `keep` renews expired tokens", async () => {
		const { session, venue, trigger } = stage();
		await session.open(neverAborted);
		trigger("place");
		trigger("voidTokens");
		expect(await session.close("keep")).toMatchObject({ orders: "kept" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("close() with `keep` leaves the connection open if the venue refuses the logout, because any other close would cancel the orders", async () => {
		const { session, venue, trigger, link } = stage();
		await session.open(neverAborted);
		trigger("place");
		trigger("voidTokens");
		trigger("revoke");
		expect(await session.close("keep")).toMatchObject({
			orders: "refused",
			detail: expect.stringContaining("and its orders stay open"),
		});
		expect(link.connections).toBe(1);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 30 }]);
	});

	it.each([
		["are kept when the venue accepts the next logout", 0, "open"],
		["are cancelled when the venue refuses the next logout too", 2, "cancelled"],
	] as const)(
		"after the venue refused a close with `keep` once, open() can use the session name again, and the open orders %s",
		async (_what, refusals, state) => {
			const authScope = "session:keeper account:read_write trade:read_write";
			const { session, venue, trigger, link } = stage({ client: { credentials: { ...credentials, authScope } } });
			await session.open(neverAborted);
			trigger("place");
			trigger("refuse", { code: 11_094, methods: ["private/logout"], times: 1 + refusals });
			expect(await session.close("keep")).toMatchObject({ orders: "refused" });
			expect(await session.open(neverAborted)).toMatchObject({ protection: { state: "armed" } });
			expect(link.connections).toBe(1);
			expect(venue.orders()).toMatchObject([{ state }]);
		},
	);

	it("close() with `keep` reports unknown during announced maintenance", async () => {
		const { session, venue, trigger } = stage();
		await session.open(neverAborted);
		trigger("place");
		trigger("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(await session.close("keep")).toMatchObject({ orders: "unknown" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it.each([
		["keep", "kept", "open"],
		["cancel", "cancelled", "cancelled"],
	] as const)(
		"close(%s) makes its calls at once, even after the program has used up the rate limit",
		async (orders, outcome, state) => {
			const { session, venue, trigger } = stage({ client: { callTimeoutMs: 60_000 } });
			await session.open(neverAborted);
			trigger("place");
			for (let count = 0; count < 300; count += 1)
				void session.handle?.request("public/get_time").catch(() => undefined);
			await vi.advanceTimersByTimeAsync(0);
			expect(await session.close(orders)).toMatchObject({ orders: outcome });
			expect(venue.orders()).toMatchObject([{ state }]);
		},
	);

	it("close() with `cancel` does not wait for the read-back of cancel-on-disconnect if its signal aborts, and reports unknown", async () => {
		const { session, venue, trigger } = stage();
		await session.open(neverAborted);
		trigger("place");
		trigger("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const skipReadBack = new AbortController();
		const closing = session.close("cancel", skipReadBack.signal);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		skipReadBack.abort();
		expect(await closing).toMatchObject({ orders: "unknown" });
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("close() changes nothing before an open or after the end of the connection, and a second call returns the result of the first", async () => {
		const { session, link } = stage();
		expect(await session.close("cancel")).toMatchObject({ orders: "unknown" });
		await session.open(neverAborted);
		const closing = session.close("keep");
		expect(session.close("cancel")).toBe(closing);
		await closing;
		await session.open(neverAborted);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(await session.close("keep")).toMatchObject({
			orders: "unknown",
			detail: expect.stringContaining("connection ended"),
		});
	});

	describe("DeribitSession.close with `cancel` after an earlier connection with open orders has become half-open", () => {
		/** The exposure if the network dies, at the heartbeat interval of these tests. */
		const { networkDeathMs } = deribitExposure({ intervalSeconds: 30 });

		async function reopened(places = true) {
			const { session, link } = stage();
			await session.open(neverAborted);
			if (places) await session.requireArmed().call("private/buy", order);
			link.halfOpen();
			await session.open(neverAborted);
			return session;
		}

		it("close() promises the cancel within networkDeathMs, not at once, while the client is still closing an earlier, dead connection", async () => {
			const closed = await (await reopened()).close("cancel");
			expect(closed).toMatchObject({
				orders: "cancelled",
				withinMs: networkDeathMs,
				detail: expect.stringContaining(`orders of an earlier connection may stay open for up to ${networkDeathMs} ms`),
			});
			await vi.advanceTimersByTimeAsync(closeTimeoutMs);
		});

		it.each([
			[1, networkDeathMs - 1],
			[networkDeathMs - 1, 1],
			[networkDeathMs, 0],
		])("close() measures withinMs from the end of the earlier connection, %i ms ago", async (elapsedMs, withinMs) => {
			const session = await reopened();
			await vi.advanceTimersByTimeAsync(closeTimeoutMs + elapsedMs);
			expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs });
		});

		it("close() promises the cancel at once if no order was open over the earlier connection", async () => {
			expect(await (await reopened(false)).close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 0 });
			await vi.advanceTimersByTimeAsync(closeTimeoutMs);
		});
	});

	it.each([
		[deribitExposure({ intervalSeconds: 30 }).networkDeathMs - 1, "unknown"],
		[deribitExposure({ intervalSeconds: 30 }).networkDeathMs, "kept"],
	] as const)(
		"%i ms after an earlier connection with open orders has died, close() with `keep` reports the orders as %s",
		async (elapsedMs, orders) => {
			const { session, link } = stage();
			await session.open(neverAborted);
			await session.requireArmed().call("private/buy", order);
			link.halfOpen();
			await session.open(neverAborted);
			await vi.advanceTimersByTimeAsync(closeTimeoutMs + elapsedMs);
			expect((await session.close("keep")).orders).toBe(orders);
		},
	);

	it("close() promises the cancel within networkDeathMs if the venue did not confirm the close", async () => {
		const { link } = stage();
		class Unheard extends memoryWebSocket(link) {
			override close(): void {
				// Sends nothing, as if the close frame were lost on its way to the venue.
			}
		}
		const session = createSession(Unheard);
		await session.open(neverAborted);
		const closing = session.close("cancel");
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await closing).toMatchObject({ orders: "cancelled", withinMs: 69_000 });
	});
});
