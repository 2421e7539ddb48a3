import { describe, expect, it, vi } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Stage, underFakeClock } from "./testing/stage.ts";

let stage: Stage;

function start(options: IbkrVenueOptions = {}): void {
	stage = new Stage(options);
}

underFakeClock();

describe("orders", () => {
	const place = () =>
		stage.ask("POST", "/iserver/account/DU0000001/orders", { body: '{"orders":[{"ticker":"AAPL"}]}' });

	it("need a live brokerage session whose accounts were asked for", async () => {
		start({ start: "login" });
		expect(await place()).toMatchObject({ status: 401, text: "not authenticated" });
		await stage.init(false);
		await vi.advanceTimersByTimeAsync(2_000);
		expect((await place()).json()).toEqual({ error: "Bad Request: Please query /accounts first", statusCode: 400 });
		await stage.ask("GET", "/iserver/accounts");
		expect((await place()).json()).toMatchObject([{ order_status: "Submitted" }]);
		expect((await stage.ask("GET", "/iserver/account/orders")).json()).toMatchObject({
			orders: [{ ticker: "AAPL", status: "Submitted" }],
		});
	});

	it.each(["idle", "compete", "expireSso", "reset"])("outlive the end of the session by %s", async (fault) => {
		start();
		stage.trigger("place", { instrument: "MSFT" });
		stage.trigger(fault);
		await vi.advanceTimersByTimeAsync(86_400_000);
		expect(stage.link.orders()).toMatchObject([{ instrument: "MSFT", state: "open" }]);
		expect(stage.venue.truth().openOrders).toBe(1);
	});

	it("are cancelled by their owner alone", async () => {
		start();
		const { id } = stage.trigger("place") as { id: string };
		await stage.ask("GET", "/iserver/accounts");
		expect((await stage.ask("DELETE", `/iserver/account/DU0000001/order/${id}`)).status).toBe(200);
		expect(stage.link.orders()).toMatchObject([{ state: "cancelled", cancelReason: "Cancelled by user" }]);
	});
});
