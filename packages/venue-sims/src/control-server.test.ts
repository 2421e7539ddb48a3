import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveControl } from "./control-server.ts";
import { Link } from "./network-link.ts";
import type { Venue } from "./venue.ts";

const venue: Venue = {
	name: "quiet",
	http: () => ({ kind: "hang" }),
	upgrade: () => ({ kind: "hang" }),
	orders: () => [],
	faults: {
		shout: ({ text }) => String(text).toUpperCase(),
		fail: () => {
			throw new Error("there is nothing to fail");
		},
		circular: () => {
			const self: Record<string, unknown> = {};
			self["self"] = self;
			return self;
		},
		nothing: () => undefined,
	},
	close: () => undefined,
};

let control: Awaited<ReturnType<typeof serveControl>>;
beforeEach(async () => {
	control = await serveControl([new Link(venue)]);
});
afterEach(() => control.close());

type Reply = [status: number, body: unknown];

async function call(path: string, init?: RequestInit): Promise<Reply> {
	const reply = await fetch(control.url + path, init);
	return [reply.status, await reply.json()];
}

const post = (body?: string, contentType = "application/json"): RequestInit => ({
	method: "POST",
	...(body === undefined ? {} : { body, headers: { "content-type": contentType } }),
});

/** Sends a request with headers that `fetch` does not allow. Returns the HTTP status. */
function callAs(headers: Record<string, string>): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const sent = request(`${control.url}/`, { headers }, (response) => {
			response.resume();
			resolve(response.statusCode);
		});
		sent.on("error", reject);
		sent.end();
	});
}

const faults = ["shout", "fail", "circular", "nothing", "drop", "halfOpen", "partition", "heal"];

describe("serveControl", () => {
	it("serveControl lists the venues, their faults and their orders", async () => {
		expect(await call("/")).toEqual([200, { quiet: faults }]);
		expect(await call("/quiet/orders")).toEqual([200, []]);
	});

	it("serveControl triggers a fault with the arguments of a JSON body, or without a body", async () => {
		expect(await call("/quiet/shout", post('{"text":"hi"}'))).toEqual([200, { result: "HI" }]);
		expect(await call("/quiet/shout", post("{}", "application/json; charset=utf-8"))).toEqual([
			200,
			{ result: "UNDEFINED" },
		]);
		expect(await call("/quiet/drop", post())).toEqual([200, { result: 0 }]);
		expect(await call("/quiet/nothing", post())).toEqual([200, { result: null }]);
	});

	it("serveControl refuses an unknown venue or fault with 404, and lists the names that exist", async () => {
		expect(await call("/nobody/drop", post())).toEqual([404, { error: 'there is no venue "nobody" (venues: quiet)' }]);
		expect(await call("/quiet/typo", post())).toEqual([
			404,
			{ error: `quiet has no fault "typo" (faults: ${faults.join(", ")})` },
		]);
		expect((await call("/quiet/constructor", post()))[0]).toBe(404);
		expect((await call("/quiet/__proto__", post()))[0]).toBe(404);
		expect((await call("/quiet/drop/more", post()))[0]).toBe(404);
		expect(await call("//", post())).toEqual([404, { error: 'there is no venue "" (venues: quiet)' }]);
	});

	it("serveControl refuses a wrong HTTP method with 405", async () => {
		expect(await call("/quiet/drop")).toEqual([405, { error: "the method for this path must be POST" }]);
		expect((await call("/quiet/orders", post()))[0]).toBe(405);
		expect((await call("/", post()))[0]).toBe(405);
	});

	it.each(["[1]", "1", "null", '"x"', "{", "undefined"])("serveControl refuses the body %s with 400", async (body) => {
		expect(await call("/quiet/shout", post(body))).toEqual([400, { error: "the body must be a JSON object or empty" }]);
	});

	it("serveControl refuses a body whose content type is not JSON with 415", async () => {
		for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
			expect((await call("/quiet/shout", post("{}", type)))[0]).toBe(415);
		}
	});

	it("serveControl accepts a body of 64 KiB and refuses a longer one with 413", async () => {
		const body = (bytes: number): string => `{"text":"${"x".repeat(bytes - 11)}"}`;
		expect((await call("/quiet/shout", post(body(65_536))))[0]).toBe(200);
		expect((await call("/quiet/shout", post(body(65_537))))[0]).toBe(413);
	});

	it("serveControl replies 422 if a fault throws or its result cannot be converted to JSON", async () => {
		expect(await call("/quiet/fail", post())).toEqual([422, { error: "there is nothing to fail" }]);
		expect((await call("/quiet/circular", post()))[0]).toBe(422);
	});

	it("serveControl refuses requests with a foreign Host or Origin header, which web pages send", async () => {
		const { host, port } = new URL(control.url);
		expect(await callAs({ host })).toBe(200);
		expect(await callAs({ host: `LOCALHOST:${port}`, origin: `http://localhost:${port}` })).toBe(200);
		expect(await callAs({ host: "a b" })).toBe(403);
		expect(await callAs({ host: `evil.example:${port}` })).toBe(403);
		expect(await callAs({ host: "127.0.0.1" })).toBe(403);
		expect(await callAs({ host, origin: "http://evil.example" })).toBe(403);
		expect(await callAs({ host, origin: "null" })).toBe(403);
		expect(await callAs({ host, origin: `http://evil.example:${port}` })).toBe(403);
	});
});
