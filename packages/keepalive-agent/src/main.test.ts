import { describe, expect, it } from "vitest";
import { runMain } from "./testing/run-main.ts";

describe("keepalive", () => {
	it.each([[[]], [["--help"]], [["help"]]])("keepalive %j lists its commands and exit codes", async (args) => {
		const { code, out } = await runMain(args);
		expect(code).toBe(0);
		expect(out).toContain("  init ");
		expect(out).toContain("2 wrong configuration");
	});

	it("keepalive describes a command with --help, without running it", async () => {
		const { code, out } = await runMain(["init", "--help"]);
		expect(code).toBe(0);
		expect(out).toContain("Usage: keepalive init [options]");
		expect(out).toContain("--config FILE");
	});

	it.each([
		[["strat"], 'there is no command "strat". See keepalive --help.'],
		[["toString"], 'there is no command "toString". See keepalive --help.'],
		[["init", "--confg", "x"], "Unknown option '--confg'. See keepalive init --help."],
		[["init", "x"], "this command takes no argument without a dash, got 1. See keepalive init --help."],
	])("keepalive exits 2 with the arguments %j", async (args, expected) => {
		expect(await runMain(args)).toEqual({ code: 2, out: "", err: expected });
	});
});
