import { describe, expect, it } from "vitest";
import { Cookies } from "./cookies.ts";

const now = Date.parse("2026-11-20T00:00:00Z");

function jarAfter(...lines: string[]): Cookies {
	const jar = new Cookies();
	for (const line of lines) jar.take(new Headers([["set-cookie", line]]), now);
	return jar;
}

describe("Cookies", () => {
	it("Cookies sends a cookie regardless of its path, and sends only the latest cookie of each name", () => {
		expect(jarAfter("a=1; Path=/sso; Secure", "b=x=y; HttpOnly", "a=2; Path=/v1/api").header()).toBe("b=x=y; a=2");
	});

	it("Cookies stores all cookies of a reply", () => {
		const jar = new Cookies();
		jar.take(
			new Headers([
				["set-cookie", "a=1"],
				["set-cookie", "b=2; Expires=Fri, 20 Nov 2026 00:00:01 GMT"],
			]),
			now,
		);
		expect(jar.header()).toBe("a=1; b=2");
	});

	it.each(["a=; Path=/", "a=2; Max-Age=0", "a=2; max-age=-1", "a=2; Expires=Thu, 19 Nov 2026 00:00:00 GMT"])(
		"Cookies deletes a stored cookie when a reply sets %s",
		(line) => {
			expect(jarAfter("a=1", line).header()).toBeUndefined();
		},
	);

	it("Cookies ignores a cookie without a name, and stores at most 20 cookies", () => {
		expect(jarAfter("=1", "novalue", "").header()).toBeUndefined();
		const many = Array.from({ length: 50 }, (_, index) => `c${index}=1`);
		expect(
			jarAfter(...many)
				.header()
				?.split("; "),
		).toHaveLength(20);
	});
});
