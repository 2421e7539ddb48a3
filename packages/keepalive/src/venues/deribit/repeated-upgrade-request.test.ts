import { expect, it } from "vitest";
import { refusingServer } from "../../testing/refusing-websocket-server.ts";
import { deribit } from "./index.ts";
import { credentials, neverAborted } from "./testing/session-with-venue.ts";

it("Node's built-in WebSocket repeats an upgrade request that is refused with 401, so that Deribit counts it twice", async () => {
	const { url, limiter, counts, close } = await refusingServer();
	const session = deribit({ client: { url, credentials }, connectionLimiter: limiter });
	await expect(session.open(neverAborted)).rejects.toThrow(/no connection to 127\.0\.0\.1/);
	// Node sends two requests today. Fewer are allowed too, because a later version may stop repeating the request.
	expect(counts().upgrades).toBeLessThanOrEqual(2);
	expect(counts().counted).toBe(2);
	close();
});
