import { spawn } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const factor = 10;
/** How long each wait of the program should take, in simulated milliseconds. */
const askedMs = 1_000;

/** The lower and the upper bound of a measurement, in real milliseconds. */
interface Real {
	readonly least: number;
	readonly most: number;
}

interface Seen extends Real {
	readonly measured: Readonly<Record<string, Real & { readonly simulated: readonly number[] }>>;
	readonly wall: number;
}

let seen: Readonly<Record<"main" | "worker" | "workerWithOptions" | "child", Seen>>;
beforeAll(async () => {
	const program = join(import.meta.dirname, "fast-clock-program.ts");
	const child = spawn(process.execPath, [program, String(factor)], { stdio: ["ignore", "pipe", "inherit"] });
	let text = "";
	child.stdout.on("data", (chunk: Buffer) => {
		text += chunk.toString();
	});
	await new Promise((resolve) => child.on("close", resolve));
	seen = JSON.parse(text);
});

describe("a fast clock", () => {
	it("a fast clock ends no wait early, and runs faster than real time by its factor, also in threads and child processes", () => {
		const all = Object.values(seen).flatMap(({ measured }) => Object.entries(measured));
		expect(all).toHaveLength(4 * 6);
		for (const [name, { least, simulated, most }] of all) {
			for (const ms of simulated) {
				// The first tick of an interval may come one real millisecond too early.
				expect(ms).toBeGreaterThanOrEqual(name === "setInterval" ? askedMs - factor : askedMs);
				expect(ms).toBeGreaterThanOrEqual(least * factor - 1);
				expect(ms).toBeLessThanOrEqual(most * factor + 1);
			}
		}
	});

	it("a fast clock makes waits shorter in real time", () => {
		for (const { measured } of Object.values(seen)) {
			expect(Math.min(...Object.values(measured).map(({ least }) => least))).toBeLessThan((askedMs / factor) * 2);
		}
	});

	it("a fast clock shows the same time in every thread and process", () => {
		const { main, ...others } = seen;
		for (const { least, wall, most } of Object.values(others)) {
			expect(wall - main.wall).toBeGreaterThanOrEqual((least - main.most) * factor - 1);
			expect(wall - main.wall).toBeLessThanOrEqual((most - main.least) * factor + 1);
		}
	});
});
