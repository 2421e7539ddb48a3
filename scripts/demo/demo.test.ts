import type { Status, StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { run } from "../testing/run-command.ts";
import { readArguments } from "./arguments.ts";
import { statusLines } from "./format-status-lines.ts";
import { rowsOf, wrapped } from "./live-screen.ts";
import { type Summary, shortcomings, summarise } from "./summary.ts";

describe("the demo", () => {
	it("the demo loses and recovers every session in about 20 seconds, and prints JSON lines with the summary last", async () => {
		const { code, stdout, stderr } = await run("node", ["scripts/demo/main.ts", "--seconds", "20", "--json"]);
		expect(stderr).not.toContain("demo:");
		expect(code).toBe(0);
		const lines = stdout
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line) as { type: string });
		const { sessions, cancelled } = lines.pop() as Summary;
		expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(["status"]));
		for (const name of ["deribit", "ibkr", "bybit"]) {
			expect(sessions[name]?.status).toBe("alive");
			expect(sessions[name]?.losses).toBeGreaterThanOrEqual(1);
			expect(sessions[name]?.recoveries).toBe(sessions[name]?.losses);
		}
		expect(sessions["deribit"]).toMatchObject({ protection: "armed", exposureMs: expect.any(Number) });
		expect(sessions["bybit"]).toMatchObject({ protection: "armed", exposureMs: expect.any(Number) });
		expect(sessions["ibkr"]).toMatchObject({ protection: "unsupported", exposureMs: null });
		expect(cancelled).toEqual({ deribit: 2, ibkr: 0, bybit: 2 });
		expect(stderr).toContain("its reason: cancel_on_disconnect");
		expect(stderr).toContain("its reason: CancelByDCP");
		expect(stderr).toContain("ibkr: no order was touched");
	});

	it.each([
		[["--seconds", "5"], '--seconds must be a number from 20 to 600, got "5"'],
		[["--seconds"], "argument missing"],
		[["--fast"], "Unknown option '--fast'"],
	])("the demo rejects %j, says what is allowed, and exits with 2", async (args, message) => {
		const { code, stdout, stderr } = await run("node", ["scripts/demo/main.ts", ...args]);
		expect(code).toBe(2);
		expect(stderr).toContain(message);
		expect(stdout).toBe("");
	});

	it("the demo prints its usage and exits with 0 for --help", async () => {
		const { code, stdout, stderr } = await run("node", ["scripts/demo/main.ts", "--help"]);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(stdout).toContain("usage: npm run demo");
	});

	it("readArguments of the demo accepts --seconds 20 as well as --seconds=25", () => {
		expect(readArguments(["--seconds", "20", "--json"])).toEqual({ seconds: 20, json: true });
		expect(readArguments(["--seconds=25"])).toEqual({ seconds: 25, json: false });
	});
});

describe("the lines that the demo prints", () => {
	const tally = { beats: 9, losses: 1, recoveries: 1 };
	const record = (status: Status): StatusRecord => ({ type: "status", at: 0, session: "ibkr", status, tally });
	const cause = { name: "SessionError", message: "another session holds it" };
	const protection = { state: "unsupported", reason: "" } as const;

	it("statusLines does not repeat a cause that the session's previous line has shown", () => {
		const describeStatus = statusLines();
		const until = Date.now() + 700;
		expect(describeStatus(record({ state: "lost", protection, cause })).reason).toBe(cause.message);
		expect(describeStatus(record({ state: "waiting", why: "venue", until, cause })).reason).toBe("");
		expect(describeStatus(record({ state: "alive", protection, ttlMs: 1 })).head).toBe(
			"ibkr     alive     unsupported",
		);
		expect(describeStatus(record({ state: "lost", protection, cause })).reason).toBe(cause.message);
	});

	it("wrapped breaks lines at words, and rowsOf counts the rows that a line takes in a terminal", () => {
		expect(wrapped("the venue cancels its orders", 24, "  ")).toBe("  the venue cancels its\n  orders");
		expect([rowsOf("", 10), rowsOf("0123456789", 10), rowsOf("\x1b[32m0123456789a\x1b[39m", 10)]).toEqual([1, 1, 2]);
	});
});

describe("the result of the demo", () => {
	const tally = { beats: 9, losses: 1, recoveries: 1 };
	const unsupported = { state: "unsupported", reason: "" } as const;
	const alive = { state: "alive", ttlMs: 1, protection: unsupported } as const;
	const record = { type: "status", at: 0, session: "ibkr", status: alive, tally } as const;

	it("shortcomings returns nothing when each session was lost and recovered", () => {
		expect(shortcomings(summarise({ ibkr: record }, {}))).toEqual([]);
	});

	it("shortcomings names each session that is not alive, was never lost, or did not recover each time", () => {
		const opening = { ...record, status: { state: "opening", attempt: 2 } } as const;
		expect(shortcomings(summarise({ ibkr: opening }, {}))).toEqual(["ibkr is opening, not alive"]);
		const unharmed = { ...record, tally: { beats: 9, losses: 0, recoveries: 0 } };
		expect(shortcomings(summarise({ ibkr: unharmed }, {}))).toEqual(["ibkr was never lost: its fault had no effect"]);
		const oncelost = { ...record, tally: { beats: 9, losses: 2, recoveries: 1 } };
		expect(shortcomings(summarise({ ibkr: oncelost }, {}))).toEqual([
			"ibkr was lost more often (2) than it recovered (1)",
		]);
	});
});
