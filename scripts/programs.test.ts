import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { embedded, readmes } from "./embed-examples.ts";
import { programEnvironment } from "./program-environment.ts";
import { type Sims, startSims } from "./start-sims.ts";
import { repository, run } from "./testing/run.ts";

// New ones for each program: IBKR's simulator counts calls by address and would lock the second program out, as IBKR does.
let sims: Sims;
beforeEach(async () => {
	sims = await startSims();
});
afterEach(() => sims.close());

describe("the programs of the READMEs", () => {
	it("are the ones in examples/, byte for byte", () => {
		for (const file of readmes()) {
			const text = readFileSync(file, "utf8");
			expect(embedded(text), file).toBe(text);
			// A program outside examples/ would not be run by anything.
			expect(text.match(/```ts\n/g)?.length ?? 0, file).toBe(
				text.match(/<!-- examples\/[\w-]+\.ts -->\n```ts\n/g)?.length ?? 0,
			);
			// Nor would one in another language's fence.
			expect(text, file).not.toMatch(/```(js|javascript|typescript|tsx|mts)\n/);
		}
	});

	it.each([
		["deribit", "armed"],
		["ibkr", "alive"],
		["bybit", "DERIVATIVES"],
		["keepalive", "armed"],
		["gate", "gated"],
	])("examples/%s.ts runs against the simulators, tells what it learned and ends", async (name, word) => {
		const env = programEnvironment(sims.addresses);
		const { code, stdout, stderr } = await run("node", [`examples/${name}.ts`], { env });
		expect(stderr).toBe("");
		expect(stdout).toContain(word);
		expect(code).toBe(0);
	});

	it("examples/pulled-plug.ts is a test that passes, and fails when the order outlives the plug", async () => {
		const passed = await run("node", ["examples/pulled-plug.ts"]);
		expect(passed.stdout).toContain("pass 1");
		expect(passed.code).toBe(0);
		const file = join(repository, "examples/pulled-plug.ts");
		const unarmed = readFileSync(file, "utf8").replace(/.*enable_cancel_on_disconnect.*\n/, "");
		const failed = await run("node", ["--input-type=module-typescript", "--eval", unarmed]);
		expect(failed.stdout).toContain("fail 1");
		expect(failed.code).toBe(1);
	});

	it("examples/three-venues.ts keeps all three alive until it is interrupted, and then leaves them", async () => {
		let interrupted = false;
		const { code, stdout } = await run("node", ["examples/three-venues.ts"], {
			env: programEnvironment(sims.addresses),
			onOutput: (text, child) => {
				// Once: a second one ends it at once, as a second Ctrl-C does.
				if (!interrupted && text.includes("all alive")) interrupted = child.kill("SIGINT");
			},
		});
		for (const name of ["deribit", "ibkr", "bybit"]) {
			expect(stdout).toMatch(new RegExp(`^${name} alive`, "m"));
			expect(stdout).toMatch(new RegExp(`^${name} stopped`, "m"));
		}
		expect(code).toBe(0);
	});
});
