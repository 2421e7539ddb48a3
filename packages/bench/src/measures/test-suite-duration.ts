import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { type Measure, shown } from "../harness/measure-and-table-row.ts";

const repository = resolve(import.meta.dirname, "../../../..");

/** Measures how long `npm test` takes. Not part of quick rounds. */
export const testSuite: Measure = {
	id: "tests",
	about: "`npm test`: every check and every test of the repository, without turbo's cache.",
	boundMs: 1_800_000,
	async run({ quick, signal }) {
		if (quick) return [];
		const startedAt = performance.now();
		const code = await runTests(signal);
		const seconds = (performance.now() - startedAt) / 1_000;
		const row = { measure: "`npm test`", against: "", target: { atMost: 180 }, unit: "s" };
		if (code !== 0) return [{ ...row, ours: "failed", figure: undefined, note: `not measured: exit code ${code}` }];
		return [{ ...row, ours: `${shown(seconds)} s`, figure: seconds }];
	},
};

/** Runs `npm test` in a process group of its own, which ends when the signal aborts. Returns the exit code. */
async function runTests(signal: AbortSignal): Promise<number | null> {
	const env = { ...process.env, TURBO_FORCE: "true" };
	const child = spawn("npm", ["test"], { cwd: repository, env, stdio: "ignore", detached: true });
	const end = (): void => {
		if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
	};
	signal.addEventListener("abort", end, { once: true });
	process.once("exit", end);
	try {
		const [code] = await once(child, "exit");
		// The cast is safe: the first argument of the event is the exit code, or null after a signal.
		return code as number | null;
	} finally {
		signal.removeEventListener("abort", end);
		process.off("exit", end);
	}
}
