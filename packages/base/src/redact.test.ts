import { describe, expect, it } from "vitest";
import { redact } from "./redact.ts";

const secret = "s3cret-".repeat(200);
const hexSignature = [/[0-9a-f]{64}/g, "[signature]"] as const;

describe("redact", () => {
	it("redact removes secrets and the matches of a pattern, and cuts the text to maxLength", () => {
		const text = `key ${secret} sign ${"ab".repeat(32)} ${"z".repeat(300)}`;
		const safe = redact(text, [secret, undefined, ""], { maxLength: 40, patterns: [hexSignature] });
		expect(safe).toBe("key [redacted] sign [signature] zzzzzzzz…");
	});

	it("redact removes the user and password of a URL", () => {
		const text = "connect ECONNREFUSED http://me:p%40ss@proxy.example:3128/path?a=b@c, or mail me@example.com";
		expect(redact(text, [])).toBe(text.replace("me:p%40ss", "[redacted]"));
	});

	it("redact shows no part of a secret when only the beginning of the secret lies within the first 4 096 characters", () => {
		for (let before = 0; before < secret.length; before += 1) {
			// In each iteration the text is cut off at another position within the secret.
			const safe = redact(" ".repeat(before) + secret.repeat(4), [secret], { maxLength: 4_096 });
			expect(safe).not.toContain("s3");
		}
	});

	it("redact shows no part of a signature when only the beginning of the signature lies within the first 4 096 characters", () => {
		const text = `${secret.repeat(2)} ${"-".repeat(1_265)} ${"0123456789abcdef".repeat(4)}`;
		const safe = redact(text, [secret], { patterns: [hexSignature, [/-{100,}/g, "-"]] });
		expect(safe).toBe("[redacted][redacted] - …");
	});

	it("redact takes no longer for a text of 50 million characters than for a text of 5 000 characters", () => {
		const [page, megabytes] = ["x".repeat(5_000), "x".repeat(50_000_000)];
		// Measures processor time instead of elapsed time, because elapsed time includes other processes of a busy machine.
		const before = process.cpuUsage();
		for (let times = 0; times < 100; times += 1) expect(redact(megabytes, [secret])).toBe(redact(page, [secret]));
		const { user, system } = process.cpuUsage(before);
		expect((user + system) / 1_000).toBeLessThan(1_000);
	});
});
