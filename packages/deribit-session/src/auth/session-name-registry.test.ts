import { inspect } from "node:util";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import type { DeribitError } from "../errors.ts";
import { connectDeribit } from "../socket/connect.ts";
import { DeribitSessionNames, sessionNamesIn } from "./session-name-registry.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const desk = { clientId, clientSecret, authScope: "account:read_write session:desk" };

function setup() {
	const venue = new DeribitVenue();
	const link = new Link(venue);
	const connect = (sessionNames?: DeribitSessionNames) =>
		connectDeribit({ WebSocket: memoryWebSocket(link), closeTimeoutMs: 50, ...(sessionNames && { sessionNames }) });
	return { venue, link, connect };
}

describe("DeribitSessionNames", () => {
	it("DeribitSessionNames rejects a login before it is sent when another connection uses the session name", async () => {
		const { venue, link, connect } = setup();
		const [first, second] = await Promise.all([connect(), connect()]);
		await first.authenticate(desk);
		const error = await second.authenticate(desk).catch((thrown: DeribitError) => thrown);
		expect(error).toMatchObject({ kind: "request", call: "public/auth" });
		expect(venue.received).toHaveLength(1);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/desk|sim-deribit/);
		// The rejected login has not invalidated the tokens of the first connection.
		expect((await first.renew()).authScope).toContain("session:desk");
		link.close();
	});

	it("DeribitSessionNames claims the session name when any call, not only a login, starts a session", async () => {
		const { venue, link, connect } = setup();
		const [first, second] = await Promise.all([connect(), connect()]);
		await first.authenticate(desk);
		const key = { client_id: clientId, client_secret: clientSecret };
		const login = { grant_type: "client_credentials", ...key, scope: "session:desk account:read" } as const;
		await expect(second.request("public/auth", login)).rejects.toMatchObject({ kind: "request" });
		await expect(second.call("public/auth", login)).rejects.toMatchObject({ kind: "request" });
		const { refreshToken = "" } = first.tokens() ?? {};
		await first.request("public/fork_token", { refresh_token: refreshToken, session_name: "desk-2" });
		const forked = { ...login, scope: "session:desk-2" };
		await expect(second.request("public/auth", forked)).rejects.toMatchObject({ kind: "request" });
		expect(venue.received).toHaveLength(2);
		await first.disconnect();
		await second.request("public/auth", forked);
		link.close();
	});

	it("DeribitSessionNames rejects no login when the same connection, another API key or another DeribitSessionNames uses the session name", async () => {
		const { link, connect } = setup();
		const first = await connect();
		await first.authenticate(desk);
		await first.authenticate(desk);
		const names = new DeribitSessionNames();
		await (await connect(names)).authenticate(desk);
		const other = await (await connect()).authenticate({ ...desk, clientId: "other" }).catch((error) => error);
		expect(other).toMatchObject({ venueCode: 13004 });
		link.close();
	});

	it("DeribitSessionNames releases the session name as soon as disconnect() is called or the connection ends", async () => {
		const { link, connect } = setup();
		const first = await connect();
		await first.authenticate(desk);
		link.halfOpen();
		const closing = first.disconnect();
		const second = await connect();
		await second.authenticate(desk);
		link.drop();
		await (await connect()).authenticate(desk);
		link.close();
		await closing;
	});

	it("DeribitSessionNames does not claim a session name for a connection that has ended or is closing", async () => {
		const { link, connect } = setup();
		const first = await connect();
		await first.disconnect();
		await expect(first.authenticate(desk)).rejects.toMatchObject({ kind: "closed" });
		const closing = await connect();
		const closed = closing.disconnect();
		await expect(closing.authenticate(desk)).rejects.toMatchObject({ kind: "closed" });
		await closed;
		await (await connect()).authenticate(desk);
		link.close();
	});

	it("DeribitSessionNames rejects a 17th session name of an API key, because the venue keeps only 16 sessions", () => {
		const names = new DeribitSessionNames();
		const owner = {};
		for (let count = 1; count <= 16; count += 1) names.claim("key", `s${count}`, owner);
		expect(() => names.claim("key", "s17", owner)).toThrow(/session 17/);
		names.claim("other key", "s17", owner);
		names.release(owner);
		names.claim("key", "s17", {});
	});

	it("the function sessionNamesIn finds every session name in a scope", () => {
		expect(sessionNamesIn("account:read session:a trade:read session:b")).toEqual(["a", "b"]);
	});
});
