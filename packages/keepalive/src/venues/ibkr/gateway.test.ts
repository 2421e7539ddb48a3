import { gatewayFetch } from "@x/ibkr-session/gateway";
import { IbkrVenue, Link, selfSignedCertificate, serve } from "@x/venue-sims";
import { expect, it } from "vitest";
import { keepalive } from "../../keeper.ts";
import { ibkr } from "./index.ts";

it("a keeper keeps a session alive at an HTTPS gateway with a self-signed certificate, and opens it again after a person has logged in again", async () => {
	const tls = await selfSignedCertificate();
	const venue = new IbkrVenue({ start: "login", loadMs: 300, idleMs: 5_000, pacing: true });
	const link = new Link(venue);
	const served = await serve(link, { tls });
	const baseUrl = `${served.http}/v1/api`;
	using fetch = gatewayFetch({ baseUrl, ca: tls.cert });
	const session = ibkr({ client: { baseUrl, fetch }, tickleMs: 1_200, ttlMs: 5_000, pollMs: 500 });
	const keeper = keepalive([session], { blockedRetryMs: 500, stableMs: 1 });
	await keeper.ready({ timeoutMs: 5_000 });
	expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 1 });

	venue.faults["expireSso"]?.({});
	await until(() => keeper.snapshot()["ibkr"]?.status.state === "blocked");
	venue.faults["login"]?.({});
	await until(() => keeper.snapshot()["ibkr"]?.status.state === "alive");
	expect(venue.received.every(({ status }) => status !== 429)).toBe(true);

	const left = await keeper.stop({ orders: "cancel" });
	expect(left["ibkr"]).toMatchObject({ orders: "refused" });
	await served.close();
});

/** Polls every 20 ms until the condition is true, or until the test times out. */
async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
