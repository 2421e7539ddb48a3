import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../testing/run.ts";
import { budgets } from "./budgets.ts";
import { programFile, weigh } from "./measure.ts";

describe("the shortest program that keeps a session alive stays within its budget:", () => {
	it.each(budgets)("$program", async ({ program, bytes }) => {
		const { gzipped } = await weigh(programFile(program));
		expect(gzipped).toBeGreaterThan(1_000);
		expect(gzipped).toBeLessThanOrEqual(bytes);
	});
});

describe("a bundle holds nothing that was not imported:", () => {
	const venues = ["deribit-session", "ibkr-session", "bybit-dcp"];
	it.each([
		["core", []],
		["deribit", ["deribit-session"]],
		["bybit", ["bybit-dcp"]],
		["ibkr", ["ibkr-session"]],
		["keepalive-deribit", ["deribit-session"]],
	])("%s brings the clients %j and no other", async (program, clients) => {
		const { modules } = await weigh(programFile(program));
		const brought = venues.filter((venue) =>
			modules.some(({ path, bytes }) => bytes > 0 && path.includes(`/${venue}/`)),
		);
		expect(brought).toEqual(clients);
	});
});

describe("what is not used is not bundled:", () => {
	let folder: string;
	beforeAll(async () => {
		// Inside the repository, where the packages resolve.
		folder = await mkdtemp(join(repository, "node_modules/.size-"));
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));

	it.each([
		["isDeribitError", "@x/deribit-session"],
		["isIbkrError", "@x/ibkr-session"],
		["isBybitError", "@x/bybit-dcp"],
		["backoffMs", "@x/keepalive"],
	])("%s of %s alone is less than a kilobyte", async (used, name) => {
		const file = join(folder, "one.ts");
		writeFileSync(file, `import { ${used} } from "${name}";\nconsole.log(${used});\n`);
		const { minified } = await weigh(file);
		expect(minified).toBeGreaterThan(50);
		expect(minified).toBeLessThan(1_000);
	});
});
