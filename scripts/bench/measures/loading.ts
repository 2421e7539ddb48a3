import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../testing/run.ts";
import { figure, ratios, rotated } from "../harness/figures.ts";
import { peersFolder } from "../harness/peers.ts";
import { type Measure, spread, type Verdict } from "../harness/verdict.ts";

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

/** Imports a module in a process of its own: how long it took and what it added to the memory. */
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
	return JSON.parse(stdout) as Load;
}

/** What an import costs. */
export const loading: Measure = {
	id: "loading",
	about:
		"A cold start for each: how long the import takes and what it adds to the resident memory, after a collection.",
	boundMs: 120_000,
	async run({ quick }) {
		const rounds = quick ? 3 : 11;
		const seen = new Map<string, Load[]>(modules.map(([name]) => [name, []]));
		for (let round = 0; round < rounds; round++) {
			for (const [name, from] of rotated(modules, round)) seen.get(name)?.push(load(name, from));
		}
		const of = (name: string, what: keyof Load): number[] => (seen.get(name) ?? []).map((each) => each[what]);
		return modules
			.filter(([name]) => name !== "bybit-api")
			.flatMap(([name]) =>
				(
					[
						["ms", "import time", "ms", 0.1],
						["rssKb", "memory added by the import", "kB", 0.15],
					] as const
				).map(
					([what, words, unit, target]): Verdict => ({
						measure: `${words}, ${name}`,
						ours: spread(figure(of(name, what)), unit),
						against: `bybit-api: ${spread(figure(of("bybit-api", what)), unit)}`,
						figure: ratios(of(name, what), of("bybit-api", what)),
						target: { atMost: target },
						unit: "x",
					}),
				),
			);
	},
};
