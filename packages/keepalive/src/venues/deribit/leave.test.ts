import { describe, expect, it, vi } from "vitest";
import { never, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

describe("close", () => {
	it("keep logs out: the venue keeps the orders", async () => {
		const { session, venue, pull } = stage();
		await session.open(never);
		pull("place");
		expect(await session.close("keep")).toMatchObject({ orders: "kept" });
		expect(venue.received.at(-1)?.method).toBe("private/logout");
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("cancel asks once more and disconnects: the venue cancels at once", async () => {
		const { session, venue, pull } = stage();
		await session.open(never);
		pull("place");
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 0 });
		expect(venue.received.at(-1)?.method).toBe("private/get_cancel_on_disconnect");
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("cancel switches on what somebody switched off, or says that it could not", async () => {
		const first = stage();
		await first.session.open(never);
		first.pull("place");
		first.pull("disarmAll");
		expect(await first.session.close("cancel")).toMatchObject({ orders: "cancelled" });
		expect(first.venue.orders()).toMatchObject([{ state: "cancelled" }]);

		const second = stage();
		await second.session.open(never);
		second.pull("place");
		second.pull("disarmAll");
		second.pull("lieOnEnable");
		expect(await second.session.close("cancel")).toMatchObject({ orders: "refused" });
		expect(second.venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it.each(["keep", "cancel"] as const)("%s over a dead line promises nothing, within 6 s", async (orders) => {
		const { session, link } = stage();
		await session.open(never);
		link.halfOpen();
		const closing = session.close(orders);
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await closing).toMatchObject({ orders: "unknown" });
	});

	it("keep renews tokens that are over: without them no leaving would keep the orders", async () => {
		const { session, venue, pull } = stage();
		await session.open(never);
		pull("place");
		pull("voidTokens");
		expect(await session.close("keep")).toMatchObject({ orders: "kept" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("keep that the venue refuses leaves the connection open, because any other close would cancel", async () => {
		const { session, venue, pull, link } = stage();
		await session.open(never);
		pull("place");
		pull("voidTokens");
		pull("revoke");
		expect(await session.close("keep")).toMatchObject({
			orders: "refused",
			detail: expect.stringContaining("stays open"),
		});
		expect(link.connections).toBe(1);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 30 }]);
	});

	it("keep in an announced break promises nothing: the close may be the break's own", async () => {
		const { session, venue, pull } = stage();
		await session.open(never);
		pull("place");
		pull("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(await session.close("keep")).toMatchObject({ orders: "unknown" });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it.each([
		["keep", "kept", "open"],
		["cancel", "cancelled", "cancelled"],
	] as const)("%s does not wait behind calls for which the credits are spent", async (orders, outcome, state) => {
		const { session, venue, pull } = stage({ callTimeoutMs: 60_000 });
		await session.open(never);
		pull("place");
		for (let count = 0; count < 300; count += 1) void session.handle?.request("public/get_time").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(0);
		expect(await session.close(orders)).toMatchObject({ orders: outcome });
		expect(venue.orders()).toMatchObject([{ state }]);
	});

	it("cancel asks nothing more once nobody waits: it disconnects, and says that it could not ask", async () => {
		const { session, venue, pull } = stage();
		await session.open(never);
		pull("place");
		pull("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const hurry = new AbortController();
		const closing = session.close("cancel", hurry.signal);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		hurry.abort();
		expect(await closing).toMatchObject({ orders: "unknown" });
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("is safe before open, after the end and twice", async () => {
		const { session, link } = stage();
		expect(await session.close("cancel")).toMatchObject({ orders: "unknown" });
		await session.open(never);
		const closing = session.close("keep");
		expect(session.close("cancel")).toBe(closing);
		await closing;
		await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(await session.close("keep")).toMatchObject({
			orders: "unknown",
			detail: expect.stringContaining("has ended"),
		});
	});
});
