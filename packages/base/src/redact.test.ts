import { describe, expect, it } from "vitest";
import { redact } from "./redact.ts";

const secret = "s3cret-".repeat(200);
const hexSignature = [/[0-9a-f]{64}/g, "[signature]"] as const;

describe("redact", () => {
	it("removes secrets and the matches of a pattern, and cuts the text to maxLength", () => {
		const text = `key ${secret} sign ${"ab".repeat(32)} ${"z".repeat(300)}`;
		const safe = redact(text, [secret, undefined, ""], { maxLength: 40, patterns: [hexSignature] });
		expect(safe).toBe("key [redacted] sign [signature] zzzzzzzz…");
	});

	it("removes the user and password of a URL", () => {
		const text = "connect ECONNREFUSED http://me:p%40ss@proxy.example:3128/path?a=b@c, or mail me@example.com";
		expect(redact(text, [])).toBe(text.replace("me:p%40ss", "[redacted]"));
	});

	it("shows no part of a secret that lies only partly within the searched part of the text", () => {
		for (let before = 0; before < secret.length; before += 1) {
			// Each iteration moves the cut to another position within the secret.
			const safe = redact(" ".repeat(before) + secret.repeat(4), [secret], { maxLength: 4_096 });
			expect(safe).not.toContain("s3");
		}
	});

	it("shows no part of a signature that lies only partly within the searched part of the text", () => {
		const text = `${secret.repeat(2)} ${"-".repeat(1_265)} ${"0123456789abcdef".repeat(4)}`;
		const safe = redact(text, [secret], { patterns: [hexSignature, [/-{100,}/g, "-"]] });
		expect(safe).toBe("[redacted][redacted] - …");
	});

	it("needs no more time for a text of megabytes than for a text of 5 000 characters", () => {
		const [page, megabytes] = ["x".repeat(5_000), "x".repeat(50_000_000)];
		// Processor time, because on a busy machine other processes run meanwhile.
		const before = process.cpuUsage();
		for (let times = 0; times < 100; times += 1) expect(redact(megabytes, [secret])).toBe(redact(page, [secret]));
		const { user, system } = process.cpuUsage(before);
		expect((user + system) / 1_000).toBeLessThan(1_000);
	});
});
