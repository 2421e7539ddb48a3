import { describe, expect, it } from "vitest";
import { connectFake } from "../testing/fake-socket.ts";

/** What recordings of 2026 show, member for member. */
const stamps = { usIn: 1_790_000_000_000_123, usOut: 1_790_000_000_000_152, usDiff: 29, testnet: true };

describe("DeribitConnection", () => {
	it.each([
		[13009, "unauthorized", { reason: "invalid_token" }, "private/subscribe"],
		[13778, "raw_subscriptions_not_available_for_unauthorized", undefined, "public/subscribe"],
		[-32602, "Invalid params", { param: "channels", reason: "value must be a list" }, "public/subscribe"],
		[10030, "must_be_websocket_request", undefined, "private/get_cancel_on_disconnect"],
	] as const)(
		"reads error %i with its members in the order code, data, message",
		async (code, message, data, method) => {
			const { connection, socket, unexpected } = await connectFake();
			const call = connection.call(method).catch((error: unknown) => error);
			socket.receive({ jsonrpc: "2.0", id: 1, error: { code, ...(data && { data }), message }, ...stamps });
			expect(await call).toMatchObject({
				kind: "venue",
				venueCode: code,
				venueMessage: message,
				...(data && { data }),
				todo: expect.stringMatching(/^(?!see docs)/),
			});
			expect(unexpected).toEqual([]);
		},
	);

	it("reads the counts that private/mass_quote replies with", async () => {
		const { connection, socket, unexpected } = await connectFake();
		const counts = { errors_count: 0, pending_requests_count: 0 };
		const call = connection.call("private/mass_quote", { detailed: false });
		socket.receive({ jsonrpc: "2.0", id: 1, result: counts, ...stamps, usDiff: 1_519 });
		expect(await call).toEqual(counts);
		expect(unexpected).toEqual([]);
	});

	it("reads a pushed order that a triggered stop order has placed", async () => {
		const { socket, unexpected } = await connectFake();
		const data = { order_id: "child", trigger_order_id: "parent", order_state: "open" };
		socket.receive({ params: { channel: "user.orders.any.any.raw", data }, method: "subscription", jsonrpc: "2.0" });
		await Promise.resolve();
		expect(unexpected).toEqual([]);
	});
});
