// pulled-plug.ts
import { deepEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connectDeribit, type DeribitConnection } from "@x/deribit-session";
import { DeribitVenue, Link, serve } from "@x/venue-sims";

const credentials = { clientId: "id", clientSecret: "secret" };

/** Put your bot here. This stand-in switches cancel-on-disconnect on and places one order. */
async function startBot(url: string): Promise<DeribitConnection> {
	const connection = await connectDeribit({ url });
	await connection.authenticate(credentials);
	await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	await connection.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10, type: "limit", price: 1 });
	return connection;
}

test("a pulled plug cancels the order of an armed connection", async (context: TestContext) => {
	const link = new Link(new DeribitVenue(credentials));
	const venue = await serve(link);
	context.after(() => venue.close());
	await startBot(`${venue.ws}/ws/api/v2`);
	link.drop();
	const [order] = link.orders();
	deepEqual([order?.state, order?.cancelReason], ["cancelled", "cancel_on_disconnect"]);
});
