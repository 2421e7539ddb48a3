import { DeribitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, expect, expectTypeOf, it } from "vitest";
import { connectDeribit, createDeribitHttp } from "./index.ts";

const links: Link[] = [];
afterEach(() => {
	for (const link of links.splice(0)) link.close();
});

it("DeribitConnection reads the account's orders, and why an order was cancelled, with checked types", async () => {
	const link = new Link(new DeribitVenue());
	links.push(link);
	const { clientId, clientSecret } = DeribitVenue.defaults;
	const connection = await connectDeribit({ WebSocket: memoryWebSocket(link) });
	await connection.authenticate({ clientId, clientSecret });
	await connection.request("private/enable_cancel_on_disconnect");
	const terms = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 1, label: "mine" };
	await connection.call("private/buy", terms);
	const [order] = await connection.request("private/get_open_orders");
	expect(order).toMatchObject({ ...terms, order_state: "open", direction: "buy", filled_amount: 0 });
	expectTypeOf(order?.price).toEqualTypeOf<string | number | undefined>();
	expectTypeOf(order?.order_id).toEqualTypeOf<string | undefined>();
	await connection.disconnect();

	const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret } as const;
	const fetch = memoryFetch(link);
	const { access_token: accessToken } = await createDeribitHttp({ fetch }).request("public/auth", credentials);
	const http = createDeribitHttp({ fetch, accessToken });
	expect(await http.request("private/get_open_orders", { kind: "future" })).toEqual([]);
	expect(await http.request("private/get_order_state", { order_id: order?.order_id ?? "" })).toMatchObject({
		order_state: "cancelled",
		cancel_reason: "cancel_on_disconnect",
	});
});
