import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { keepalive } from "../keeper.ts";
import { scripted } from "../testing/scripted-session.ts";
import { installShutdown } from "./index.ts";

interface Ended {
	readonly code: number | null;
	readonly lines: readonly string[];
	readonly tookMs: number;
}

const program = join(import.meta.dirname, "testing/shutdown-program.ts");

/** Runs the test program, and sends the given signals to it once it runs. A number in `signals` is a pause in milliseconds. */
function run(args: readonly string[], signals: readonly (NodeJS.Signals | number)[] = []): Promise<Ended> {
	const child = spawn(process.execPath, [program, ...args], {
		stdio: ["ignore", "pipe", "pipe"],
		timeout: 30_000,
		killSignal: "SIGKILL",
	});
	let stderr = "";
	let signalledAt = performance.now();
	child.stderr.on("data", (chunk) => {
		stderr += chunk;
	});
	child.stdout.once("data", async () => {
		signalledAt = performance.now();
		for (const each of signals) typeof each === "number" ? await sleep(each) : child.kill(each);
	});
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => {
			resolve({ code, lines: stderr.trimEnd().split("\n"), tookMs: performance.now() - signalledAt });
		});
	});
}

describe("installShutdown", () => {
	it.each(["SIGINT", "SIGTERM"] as const)(
		"installShutdown stops the keeper at %s, prints what became of the orders and exits 0",
		async (signal) => {
			const { code, lines } = await run(["open"], [signal]);
			expect(lines).toEqual([
				`${signal}: stopping the sessions; orders: keep. A second ${signal} ends the process at once.`,
				"second has stopped; its orders stay in the book: second left",
				"first has stopped; its orders stay in the book: first left",
			]);
			expect(code).toBe(0);
		},
	);

	it("installShutdown stops sessions that are still opening when the signal arrives", async () => {
		const { code, lines, tookMs } = await run(["connect"], ["SIGTERM"]);
		expect(lines).toHaveLength(3);
		expect(code).toBe(0);
		expect(tookMs).toBeLessThan(2_000);
	});

	it("installShutdown ends the process at once at a second signal, with the exit code 128 plus the number of the signal", async () => {
		const interrupted = await run(["hang"], ["SIGINT", 600, "SIGINT"]);
		expect(interrupted.code).toBe(130);
		expect(interrupted.lines.at(-1)).toBe("SIGINT: ending at once; the venues treat the orders as after a crash");
		expect((await run(["hang"], ["SIGINT", 600, "SIGTERM"])).code).toBe(143);
	});

	it("installShutdown does not end the process at once if a signal is delivered twice within half a second", async () => {
		const { code, lines } = await run(["hang"], ["SIGINT", 20, "SIGINT"]);
		expect(code).toBe(0);
		expect(lines.at(-1)).toContain("has stopped; CHECK ITS ORDERS, what became of them is unknown: ");
	});

	it("installShutdown ends the program after stopTimeoutMs when a session does not close", async () => {
		const { code, tookMs } = await run(["hang"], ["SIGTERM"]);
		expect(code).toBe(0);
		expect(tookMs).toBeLessThan(4_000);
	});

	it("installShutdown keeps the other sessions alive when one session waits for a person, and prints what the person has to do", async () => {
		const { code, lines } = await run(["block"], [300, "SIGTERM"]);
		expect(lines).toEqual([
			"second is blocked: nobody is logged in. To do: log in at the gateway",
			"SIGTERM: stopping the sessions; orders: keep. A second SIGTERM ends the process at once.",
			"second has stopped; its orders stay in the book: second left",
			"first has stopped; its orders stay in the book: first left",
		]);
		expect(code).toBe(0);
	});

	it("installShutdown exits 1 once every session has failed for good", async () => {
		const { code, lines } = await run(["fail"]);
		expect(lines).toEqual([
			"first has stopped for good: the key is not valid; the venue cancels its orders within 1.0 s: first closed",
			"second has stopped for good: the key is not valid; the venue cancels its orders within 1.0 s: second closed",
		]);
		expect(code).toBe(1);
	});

	it("installShutdown keeps the other sessions alive when one session has failed for good, and then exits 1 at a signal", async () => {
		const { code, lines } = await run(["mixed"], [300, "SIGTERM"]);
		expect(lines).toEqual([
			"second has stopped for good: the key is not valid; the venue cancels its orders within 1.0 s: second closed",
			"SIGTERM: stopping the sessions; orders: keep. A second SIGTERM ends the process at once.",
			"first has stopped; its orders stay in the book: first left",
		]);
		expect(code).toBe(1);
	});

	it("installShutdown does not end a program that stops its only session and starts the session again", async () => {
		const keeper = keepalive([scripted()]);
		const { exitCode, requested } = installShutdown(keeper, { orders: "keep", print: () => undefined });
		await keeper.stop({ orders: "keep", session: "venue" });
		keeper.start("venue");
		await new Promise((resolve) => setImmediate(resolve));
		await new Promise((resolve) => setImmediate(resolve));
		expect(requested.aborted).toBe(false);
		await keeper.stop({ orders: "keep" });
		expect(await exitCode).toBe(0);
	});

	it("installShutdown throws and installs no signal handler when its first argument is not a keeper", () => {
		const before = process.listenerCount("SIGINT");
		// @ts-expect-error: the argument is not a keeper
		expect(() => installShutdown(undefined, { orders: "keep" })).toThrow("the first argument must be a keeper");
		expect(process.listenerCount("SIGINT")).toBe(before);
	});

	it("installShutdown exits 0 when the program stops the keeper itself", async () => {
		const { code, lines } = await run(["open", "stop"]);
		expect(lines).toEqual([
			"second has stopped; the venue cancels its orders within 1.0 s: second closed",
			"first has stopped; the venue cancels its orders within 1.0 s: first closed",
		]);
		expect(code).toBe(0);
	});

	it.each(["throws", "rejects"])("installShutdown closes the sessions even if the option `print` %s", async (how) => {
		expect(await run(["open", `print-${how}`], ["SIGTERM"])).toMatchObject({ code: 0, lines: [""] });
	});

	it.each([
		["orders-throw", "no such setting"],
		["orders-invalid", '@x/keepalive: option orders must be "keep" or "cancel", got "leave"'],
	])(
		"installShutdown uses the value that the option `orders` had at first if a later read of that option fails: %s",
		async (orders, problem) => {
			const failed = `the option orders cannot be read: ${problem}. Using keep, as at the start.`;
			const signalled = await run(["open", orders], ["SIGTERM"]);
			expect(signalled.lines).toEqual([
				failed,
				"SIGTERM: stopping the sessions; orders: keep. A second SIGTERM ends the process at once.",
				"second has stopped; its orders stay in the book: second left",
				"first has stopped; its orders stay in the book: first left",
			]);
			expect(signalled.code).toBe(0);
			const returned = await run(["open", orders, "return"]);
			expect(returned.lines[0]).toBe(failed);
			expect(returned).toMatchObject({ code: 0, lines: { length: 3 } });
		},
	);

	it("installShutdown throws and installs no signal handler when an option is missing or names a signal that cannot be handled", async () => {
		const keeper = keepalive([scripted()]);
		const before = process.listenerCount("SIGINT");
		// @ts-expect-error SIGKILL cannot be handled.
		expect(() => installShutdown(keeper, { orders: "keep", signals: ["SIGKILL"] })).toThrow(
			/option signals\[0\] must be/,
		);
		// @ts-expect-error The option orders is required: what becomes of the orders must be a decision.
		expect(() => installShutdown(keeper, {})).toThrow(/option orders must be/);
		expect(process.listenerCount("SIGINT")).toBe(before);
		await keeper.stop({ orders: "keep" });
	});

	it("installShutdown removes its handlers when the keeper has ended without a signal", async () => {
		const before = process.listenerCount("SIGINT");
		const keeper = keepalive([scripted()]);
		const { exitCode, requested } = installShutdown(keeper, { orders: "keep", print: () => undefined });
		expect(process.listenerCount("SIGINT")).toBe(before + 1);
		await keeper.stop({ orders: "keep" });
		expect(await exitCode).toBe(0);
		expect(requested.aborted).toBe(true);
		expect(process.listenerCount("SIGINT")).toBe(before);
	});
});

describe("run() of installShutdown", () => {
	it("run() stops the keeper and exits 0 when its work function has returned", async () => {
		const { code, lines } = await run(["open", "return"]);
		expect(lines).toHaveLength(2);
		expect(code).toBe(0);
	});

	it("run() prints the error, stops the keeper and exits 1 when its work function throws", async () => {
		const { code, lines } = await run(["open", "throw"]);
		expect(lines[0]).toBe("the program failed: Error: a mistake in the program");
		expect(lines.at(-1)).toBe("first has stopped; its orders stay in the book: first left");
		expect(code).toBe(1);
	});

	it("run() exits 0 at a signal while its work function waits for the sessions to be ready", async () => {
		const { code, lines } = await run(["block", "work"], [100, "SIGINT"]);
		expect(lines.join("\n")).not.toContain("failed");
		expect(code).toBe(0);
	});

	it("run() exits 1 when every session has failed for good while its work function is still waiting", async () => {
		const { code } = await run(["fail", "work"]);
		expect(code).toBe(1);
	});
});
