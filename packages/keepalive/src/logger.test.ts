import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const program = join(import.meta.dirname, "testing/program-without-logger.ts");

it("Keeper without a logger writes nothing to stdout or stderr, whatever happens to its sessions", async () => {
	const child = spawn(process.execPath, [program], {
		stdio: ["ignore", "pipe", "pipe", "ipc"],
		timeout: 30_000,
		killSignal: "SIGKILL",
	});
	const output = { stdout: "", stderr: "" };
	for (const name of ["stdout", "stderr"] as const) {
		child[name]?.on("data", (chunk) => {
			output[name] += chunk;
		});
	}
	let last: unknown;
	child.on("message", (message) => {
		last = message;
	});
	const code = await new Promise((resolve) => child.on("close", resolve));
	expect(output).toEqual({ stdout: "", stderr: "" });
	expect(code).toBe(0);
	const recovered = { status: { state: "stopped" }, tally: { losses: 1, recoveries: 1 } };
	expect(last).toMatchObject({ deribit: recovered, bybit: recovered, refused: { status: { state: "stopped" } } });
}, 40_000);
