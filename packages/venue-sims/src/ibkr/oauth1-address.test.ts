import { request } from "node:http";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { IbkrVenue } from "../ibkr.ts";
import { Link } from "../network-link.ts";
import { type Served, serve } from "../serve-venue.ts";
import { OAuth1Client } from "./testing/oauth1-client.ts";

let client: OAuth1Client;
let venue: IbkrVenue;
let served: Served;

beforeAll(() => {
	client = new OAuth1Client();
});

beforeEach(async () => {
	venue = new IbkrVenue({ mode: "oauth1", consumer: client.consumer });
	served = await serve(new Link(venue));
	await client.logIn(base(), venue.faults["issue"]?.({}) as { token: string; secret: string }, async (path, header) => {
		const { text } = await call("POST", `${base()}${path}`, header, "api.ibkr.com");
		return JSON.parse(text) as { diffie_hellman_response: string };
	});
});

afterEach(() => served.close());

const base = (host = new URL(served.http).host): string => `http://${host}/v1/api`;

/**
 * Sends a call whose Host header `host` differs from the address of the server, as a client does when it calls the simulator in place of
 * the real venue.
 */
function call(
	method: string,
	url: string,
	authorization: string,
	host: string,
): Promise<{ status: number; text: string }> {
	const { port } = new URL(served.http);
	const { pathname, search } = new URL(url);
	const headers = { host, authorization, "user-agent": "x", "content-length": "0" };
	return new Promise((resolve, reject) => {
		const sent = request({ host: "127.0.0.1", port, method, path: pathname + search, headers }, (reply) => {
			let text = "";
			reply.on("data", (chunk: Buffer) => {
				text += chunk.toString();
			});
			reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text }));
		});
		sent.on("error", reject);
		sent.end();
	});
}

describe("OAuth 1.0a signatures that the simulated IBKR accepts", () => {
	it("IbkrVenue accepts an OAuth 1.0a signature over the address that the client connected to, whatever the Host header", async () => {
		const header = client.authorize("POST", `${base()}/tickle`);
		expect((await call("POST", `${base()}/tickle`, header, "api.ibkr.com")).status).toBe(200);
	});

	it("IbkrVenue accepts an OAuth 1.0a signature over localhost, if the client was configured with that name", async () => {
		const url = `${base(`localhost:${new URL(served.http).port}`)}/tickle`;
		expect((await call("POST", url, client.authorize("POST", url), "api.ibkr.com")).status).toBe(200);
	});

	it("IbkrVenue accepts an OAuth 1.0a signature over the address in the Host header", async () => {
		const header = client.authorize("POST", "http://api.ibkr.com/v1/api/tickle");
		expect((await call("POST", `${base()}/tickle`, header, "api.ibkr.com")).status).toBe(200);
	});

	it("IbkrVenue accepts an OAuth 1.0a signature that covers the query or leaves it out, but not one over another query", async () => {
		await call(
			"POST",
			`${base()}/iserver/auth/ssodh/init`,
			client.authorize("POST", `${base()}/iserver/auth/ssodh/init`),
			"x",
		);
		const url = `${base()}/iserver/account/trades`;
		for (const signed of [{}, { days: "3" }]) {
			const reply = await call("GET", `${url}?days=3`, client.authorize("GET", url, signed), "api.ibkr.com");
			expect(reply.text).not.toContain("invalid consumer");
		}
		const wrong = client.authorize("GET", url, { days: "4" });
		expect((await call("GET", `${url}?days=3`, wrong, "api.ibkr.com")).text).toContain("invalid consumer");
	});
});

describe("OAuth 1.0a signatures that the simulated IBKR refuses", () => {
	it.each(["https://api.ibkr.com/v1/api/tickle", "http://elsewhere.example/v1/api/tickle"])(
		"IbkrVenue refuses an OAuth 1.0a signature over %s, which is not the address of the call",
		async (url) => {
			const reply = await call("POST", `${base()}/tickle`, client.authorize("POST", url), "api.ibkr.com");
			expect(reply).toMatchObject({ status: 401, text: expect.stringContaining("invalid consumer") });
		},
	);
});
