import { describe, expect, it, vi } from "vitest";
import { createIbkrHttp, type IbkrHttpOptions } from "./index.ts";

describe("options", () => {
	it.each([
		[{ baseUrl: "localhost:5000" }, "the option baseUrl must be an http: or https: address"],
		[{ baseUrl: "https://planted-user:pw@localhost" }, "the option baseUrl"],
		[{ baseUrl: "https://localhost?planted=1" }, "the option baseUrl"],
		[{ baseUrl: 5000 }, "the number 5000 was given"],
		[{ fetch: "fetch" }, "the option fetch must be a function, and a value of type string was given"],
		[{ authorize: "Bearer planted" }, "the option authorize must be a function"],
		[{ userAgent: " " }, "the option userAgent must be printable ASCII"],
		[{ userAgent: "a\r\nplanted: 1" }, "the option userAgent"],
		[
			{ callTimeoutMs: 0 },
			"the option callTimeoutMs must be a number of milliseconds from 1 to 600000, and the number 0",
		],
		[{ callTimeoutMs: Number.NaN }, "the option callTimeoutMs"],
		[null, "the options must be an object, and a value of type null"],
	])("%j are refused before anything is sent, by name and without the value of a text", async (options, message) => {
		const make = async () => {
			// Wrong on purpose: what a program without types could hand in.
			const client = createIbkrHttp(options as IbkrHttpOptions);
			await client.tickle();
		};
		await expect(make()).rejects.toMatchObject({ kind: "options", message: expect.stringContaining(message) });
		await expect(make()).rejects.not.toMatchObject({ message: expect.stringContaining("planted") });
	});

	it("the global fetch is read at each call", async () => {
		const client = createIbkrHttp();
		const fetch = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response('{"error":"no session"}'));
		expect((await client.tickle()).kind).toBe("no-session");
		expect(fetch).toHaveBeenCalledWith(
			"https://localhost:5000/v1/api/tickle",
			expect.objectContaining({ redirect: "manual" }),
		);
	});

	it("an init is asked for with booleans only", async () => {
		const client = createIbkrHttp({ fetch: async () => new Response("{}") });
		// @ts-expect-error a text that says false would be taken for true
		await expect(client.init({ compete: "false" })).rejects.toMatchObject({ kind: "options" });
	});
});
