import { BybitVenue, Link, serve } from "@x/venue-sims";
import { expect, it } from "vitest";
import { refusingServer } from "../../testing/refusing-websocket-server.ts";
import { bybit } from "./index.ts";
import { apiKey, apiSecret } from "./testing/start-with-venue.ts";

it("Node's built-in WebSocket repeats an upgrade request that is refused with 401, so that Bybit counts it twice", async () => {
	const { url, limiter, counts, close } = await refusingServer();
	const at = await serve(new Link(new BybitVenue({ apiKey, apiSecret })));
	const client = { apiKey, apiSecret, restUrl: at.http, wsUrl: `${url}/v5/private` };
	const session = bybit({ client, products: ["DERIVATIVES"], connectionLimiter: limiter });
	await expect(session.open(new AbortController().signal)).rejects.toThrow(/refused the handshake/);
	// Node sends two requests today. Fewer are allowed too, because a later version may stop repeating the request.
	expect(counts().upgrades).toBeLessThanOrEqual(2);
	expect(counts().counted).toBe(2);
	close();
	await at.close();
});
