import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPageFiles } from "../read-own-package-files.ts";
import { PageFiles } from "./page-files.ts";

const page = new PageFiles();
const server = createServer((request, response) => page.send(request.url ?? "", request, response));
let url: string;
beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe("PageFiles", () => {
	it.each([
		["/", "text/html; charset=utf-8"],
		["/page/main.js", "text/javascript; charset=utf-8"],
		["/page/page.css", "text/css; charset=utf-8"],
		["/page/icon.svg", "image/svg+xml"],
	])("PageFiles sends %s as %s, with headers that forbid content from other sites", async (path, contentType) => {
		const { status, headers } = await fetch(`${url}${path}`);
		expect(status).toBe(200);
		expect(Object.fromEntries(headers)).toMatchObject({
			"content-type": contentType,
			"content-security-policy":
				"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
			"x-content-type-options": "nosniff",
			"referrer-policy": "no-referrer",
			"cache-control": "no-cache",
		});
	});

	it("PageFiles answers 304 if the browser already has the files of this release, and otherwise sends the file", async () => {
		const etag = (await fetch(url)).headers.get("etag") ?? "";
		const again = (tag: string) => fetch(`${url}/page/main.js`, { headers: { "if-none-match": tag } });
		expect((await again(etag)).status).toBe(304);
		expect((await again('"other"')).status).toBe(200);
	});

	it("PageFiles serves no other files, such as files in the parent folder", () => {
		const others = [
			"/page/",
			"/page/index.html",
			"/page/tsconfig.json",
			"/page/../package.json",
			"/page/main.ts",
			"//",
		];
		expect(others.filter((path) => page.has(path))).toEqual([]);
	});

	it("PageFiles has every file that its files refer to, and all its files together have less than 100 kB", () => {
		const files = readPageFiles().filter(([name]) => name !== "tsconfig.json");
		const named = files.flatMap(([, body]) => [
			...Array.from(
				body.toString().matchAll(/(?:from "\.|(?:href|src)="page)(\/[\w.-]+)"/g),
				([, path]) => `/page${path}`,
			),
		]);
		expect(named.length).toBeGreaterThan(10);
		expect(named.filter((path) => !page.has(path))).toEqual([]);
		const bytes = files.reduce((sum, [, body]) => sum + body.length, 0);
		expect(bytes).toBeLessThan(100_000);
	});
});
