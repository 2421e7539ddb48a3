import { describe, expect, it, vi } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

describe("orders", () => {
	const place = () =>
		harness.ask("POST", "/iserver/account/DU0000001/orders", { body: '{"orders":[{"ticker":"AAPL"}]}' });

	it("require a live brokerage session and a prior call of /iserver/accounts", async () => {
		start({ start: "login" });
		expect(await place()).toMatchObject({ status: 401, text: "not authenticated" });
		await harness.init(false);
		await vi.advanceTimersByTimeAsync(2_000);
		expect((await place()).json()).toEqual({ error: "Bad Request: Please query /accounts first", statusCode: 400 });
		await harness.ask("GET", "/iserver/accounts");
		expect((await place()).json()).toMatchObject([{ order_status: "Submitted" }]);
		expect((await harness.ask("GET", "/iserver/account/orders")).json()).toMatchObject({
			orders: [{ ticker: "AAPL", status: "Submitted" }],
		});
	});

	it.each(["idle", "compete", "expireSso", "reset"] as const)(
		"stay open when the session ends by %s",
		async (fault) => {
			start();
			harness.trigger("place", { instrument: "MSFT" });
			harness.trigger(fault);
			await vi.advanceTimersByTimeAsync(86_400_000);
			expect(harness.link.orders()).toMatchObject([{ instrument: "MSFT", state: "open" }]);
			expect(harness.venue.truth().openOrders).toBe(1);
		},
	);

	it("are cancelled only by the user", async () => {
		start();
		const { id } = harness.trigger("place") as { id: string };
		await harness.ask("GET", "/iserver/accounts");
		expect((await harness.ask("DELETE", `/iserver/account/DU0000001/order/${id}`)).status).toBe(200);
		expect(harness.link.orders()).toMatchObject([{ state: "cancelled", cancelReason: "Cancelled by user" }]);
	});
});
