import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../../../scripts/testing/run-command.ts";
import { Rounds } from "../harness/compare-rounds.ts";
import { peersFolder } from "../harness/compared-libraries.ts";
import type { Measure, Verdict } from "../harness/measure-and-table-row.ts";
import { figure, rotated } from "../harness/round-statistics.ts";

interface Load {
	readonly ms: number;
	readonly rssKb: number;
}

const modules = [
	["@x/deribit-session", repository],
	["@x/bybit-dcp", repository],
	["@x/ibkr-session", repository],
	["@x/keepalive", repository],
	["bybit-api", peersFolder],
] as const;
type Name = (typeof modules)[number][0];

/** Imports a module in a new process, and measures the time and the memory that the import takes. */
function load(name: string, from: string): Load {
	const program = `
		import { createRequire } from "node:module";
		const target = (await import("node:url")).pathToFileURL(
			createRequire(${JSON.stringify(pathToFileURL(join(from, "x.js")).href)}).resolve(${JSON.stringify(name)}),
		).href;
		globalThis.gc();
		const before = process.memoryUsage().rss;
		const started = performance.now();
		await import(target);
		const ms = performance.now() - started;
		globalThis.gc();
		console.log(JSON.stringify({ ms, rssKb: (process.memoryUsage().rss - before) / 1024 }));`;
	const args = ["--expose-gc", "--input-type=module", "--eval", program];
	const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 });
	if (stdout === "") throw new Error(`${name} could not be loaded: ${stderr}`);
	// The cast is safe: the program above prints this object.
	return JSON.parse(stdout) as Load;
}

/** Measures the time and memory that an import takes. */
export const loading: Measure = {
	id: "loading",
	about:
		"A cold start for each: how long the import takes and what it adds to the resident memory, after a collection.",
	boundMs: 120_000,
	async run({ quick, signal }) {
		const counted = quick ? 3 : 11;
		const rounds = new Rounds<Name, Load>(signal);
		for (let round = 0; round < counted; round++) {
			for (const [name, from] of rotated(modules, round)) await rounds.play(name, async () => load(name, from));
		}
		const against = { theirs: "bybit-api", unit: "kB", target: 0.15 } as const;
		const time = (name: Name): Verdict => {
			const line = rounds.line({ ...against, measure: `import time, ${name}`, mine: name, what: "ms", unit: "ms" });
			const times = rounds.of(name, "ms");
			return { ...line, figure: times.length > 0 ? figure(times) : undefined, target: { atMost: 3.5 }, unit: "ms" };
		};
		return modules
			.filter(([name]) => name !== "bybit-api")
			.flatMap(([name]) => [
				time(name),
				rounds.line({ ...against, measure: `memory added by the import, ${name}`, mine: name, what: "rssKb" }),
			]);
	},
};
