// pulled-plug.mjs
import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { connectDeribit } from "@x/deribit-session";
import { DeribitVenue, Link, serve } from "@x/venue-sims";

test("a pulled plug cancels the order of an armed connection", async (context) => {
	const link = new Link(new DeribitVenue({ clientId: "id", clientSecret: "secret" }));
	const venue = await serve(link);
	context.after(() => venue.close());
	const bot = await connectDeribit({ url: `${venue.ws}/ws/api/v2` });
	await bot.authenticate({ clientId: "id", clientSecret: "secret" });
	await bot.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	await bot.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10, type: "limit", price: 1 });
	link.drop();
	const [order] = link.orders();
	deepEqual([order?.state, order?.cancelReason], ["cancelled", "cancel_on_disconnect"]);
});
