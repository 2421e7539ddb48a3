import { inspect } from "node:util";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import type { DeribitError } from "../errors.ts";
import { connectDeribit } from "../socket/connect.ts";
import { DeribitSessionNames, sessionNamesIn } from "./session-names.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const desk = { clientId, clientSecret, authScope: "account:read_write session:desk" };

function stage() {
	const venue = new DeribitVenue();
	const link = new Link(venue);
	const connect = (sessionNames?: DeribitSessionNames) =>
		connectDeribit({ WebSocket: memoryWebSocket(link), ...(sessionNames && { sessionNames }) });
	return { venue, link, connect };
}

describe("a session name", () => {
	it("is rejected before anything is sent when another connection uses it", async () => {
		const { venue, link, connect } = stage();
		const [first, second] = await Promise.all([connect(), connect()]);
		await first.authenticate(desk);
		const error = await second.authenticate(desk).catch((thrown: DeribitError) => thrown);
		expect(error).toMatchObject({ kind: "request", call: "public/auth" });
		expect(venue.received).toHaveLength(1);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/desk|sim-deribit/);
		// The first one's tokens are as good as they were.
		expect((await first.renew()).authScope).toContain("session:desk");
		link.close();
	});

	it("is claimed by every call that starts a session, not only by authenticate()", async () => {
		const { venue, link, connect } = stage();
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

	it("can be reused by the same connection, by another key and in another registry", async () => {
		const { link, connect } = stage();
		const first = await connect();
		await first.authenticate(desk);
		await first.authenticate(desk);
		const names = new DeribitSessionNames();
		await (await connect(names)).authenticate(desk);
		const other = await (await connect()).authenticate({ ...desk, clientId: "other" }).catch((error) => error);
		expect(other).toMatchObject({ venueCode: 13004 });
		link.close();
	});

	it("is free again once its connection is disconnected, even while the close is not answered, or has ended", async () => {
		const { link, connect } = stage();
		const first = await connect();
		await first.authenticate(desk);
		link.halfOpen();
		const leaving = first.disconnect();
		const second = await connect();
		await second.authenticate(desk);
		link.drop();
		await (await connect()).authenticate(desk);
		link.close();
		await leaving;
	});

	it("is not claimed by a connection that has ended", async () => {
		const { link, connect } = stage();
		const first = await connect();
		await first.disconnect();
		await expect(first.authenticate(desk)).rejects.toMatchObject({ kind: "closed" });
		const leaving = await connect();
		const left = leaving.disconnect();
		await expect(leaving.authenticate(desk)).rejects.toMatchObject({ kind: "closed" });
		await left;
		await (await connect()).authenticate(desk);
		link.close();
	});

	it("number 17 of a key is refused: the venue would end another session for it", () => {
		const names = new DeribitSessionNames();
		const owner = {};
		for (let count = 1; count <= 16; count += 1) names.claim("key", `s${count}`, owner);
		expect(() => names.claim("key", "s17", owner)).toThrow(/number 17/);
		names.claim("other key", "s17", owner);
		names.release(owner);
		names.claim("key", "s17", {});
	});

	it("is found anywhere in a scope", () => {
		expect(sessionNamesIn("account:read session:a trade:read session:b")).toEqual(["a", "b"]);
	});
});
