import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../link.ts";
import { BareClient, callHttp } from "./testing/bare-client.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function stage(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const trigger = (fault: keyof typeof link.faults, args: Record<string, unknown> = {}): unknown =>
		link.faults[fault](args);
	return {
		venue,
		link,
		trigger,
		bare: await BareClient.open(link),
		open: () => BareClient.open(link),
		truth: () => venue.truth(),
		http: (path: string, init?: RequestInit) => callHttp(link, path, init),
	};
}

describe("tokens", () => {
	it("are refused for wrong or revoked credentials with 13004 and no data", async () => {
		const { bare, trigger } = await stage();
		const { error } = (await bare.ask("public/auth", { ...credentials, client_secret: "no" })) as {
			error: Record<string, unknown>;
		};
		expect(error).toEqual({ code: 13004, message: "invalid_credentials" });
		trigger("revoke");
		expect(await bare.ask("public/auth", credentials)).toMatchObject({ error: { code: 13004 } });
	});

	it("expire after a year on a connection, 900 s in a session, or as requested", async () => {
		const { bare } = await stage();
		const lifetime = async (scope: string) => {
			const { result } = (await bare.ask("public/auth", { ...credentials, scope })) as {
				result: Record<string, unknown>;
			};
			return result["expires_in"];
		};
		expect(await lifetime("connection")).toBe(31_536_000);
		expect(await lifetime("session:a")).toBe(900);
		expect(await lifetime("session:a expires:60")).toBe(60);
		await vi.advanceTimersByTimeAsync(50_000);
		await bare.ask("public/test");
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await bare.ask("private/get_open_orders")).toMatchObject({ error: { code: 13009 } });
		expect(bare.closed).toBeUndefined();
	});

	it("cannot be refreshed after another login to the same session: -32602", async () => {
		const { bare, open } = await stage();
		const login = { ...credentials, scope: "session:desk" };
		const { result } = (await bare.ask("public/auth", login)) as { result: { refresh_token: string } };
		await (await open()).ask("public/auth", login);
		const refresh = { grant_type: "refresh_token", refresh_token: result.refresh_token };
		expect(await bare.ask("public/auth", refresh)).toMatchObject({ error: { code: -32602 } });
	});

	it("of the stalest session are invalidated by the 17th session", async () => {
		const { bare, truth } = await stage();
		for (let count = 1; count <= 17; count += 1) {
			await vi.advanceTimersByTimeAsync(10);
			await bare.ask("public/auth", { ...credentials, scope: `session:s${count}` });
		}
		expect(truth().sessions).toHaveLength(16);
		expect(truth().sessions).not.toContain("s1");
	});

	it("are issued once for a fresh signature over timestamp, nonce and data", async () => {
		const { bare } = await stage();
		const signed = (timestamp: number, nonce: string) => ({
			grant_type: "client_signature",
			client_id: clientId,
			timestamp,
			nonce,
			data: "",
			signature: createHmac("sha256", clientSecret).update(`${timestamp}\n${nonce}\n`).digest("hex"),
		});
		const good = signed(Date.now(), "n1");
		expect(await bare.ask("public/auth", good)).toMatchObject({ result: { token_type: "bearer" } });
		expect(await bare.ask("public/auth", good)).toMatchObject({ error: { data: { param: "nonce" } } });
		expect(await bare.ask("public/auth", signed(Date.now() - 60_001, "n2"))).toMatchObject({ error: { code: 13004 } });
		expect(await bare.ask("public/auth", { ...good, nonce: "n3" })).toMatchObject({ error: { code: 13004 } });
	});
});
