import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { embedded, readmes } from "./embed-examples.ts";
import { programEnvironment } from "./program-environment.ts";
import { type Sims, startSims } from "./start-sims.ts";
import { repository, run } from "./testing/run.ts";

// New simulators for each program: IBKR's counts calls by address and would block the second program, as IBKR does.
let sims: Sims;
beforeEach(async () => {
	sims = await startSims();
});
afterEach(() => sims.close());

describe("the programs of the READMEs", () => {
	it("are identical to the files in examples/", () => {
		for (const file of readmes()) {
			const text = readFileSync(file, "utf8");
			expect(embedded(text), file).toBe(text);
			// A program outside examples/ is not run by any test.
			expect(text.match(/```ts\n/g)?.length ?? 0, file).toBe(
				text.match(/<!-- examples\/[\w-]+\.ts -->\n```ts\n/g)?.length ?? 0,
			);
			// Neither is one in another language's fence.
			expect(text, file).not.toMatch(/```(js|javascript|typescript|tsx|mts)\n/);
		}
	});

	it.each([
		["deribit", "armed"],
		["ibkr", "alive"],
		["bybit", "DERIVATIVES"],
		["keepalive", "armed"],
		["gate", "gated"],
	])("examples/%s.ts runs against the simulators, prints its result and exits", async (name, word) => {
		const env = programEnvironment(sims.addresses);
		const { code, stdout, stderr } = await run("node", [`examples/${name}.ts`], { env });
		expect(stderr).toBe("");
		expect(stdout).toContain(word);
		expect(code).toBe(0);
	});

	it("examples/pulled-plug.ts passes, and fails when the order survives the disconnect", async () => {
		const passed = await run("node", ["examples/pulled-plug.ts"]);
		expect(passed.stdout).toContain("pass 1");
		expect(passed.code).toBe(0);
		const file = join(repository, "examples/pulled-plug.ts");
		const unarmed = readFileSync(file, "utf8").replace(/.*enable_cancel_on_disconnect.*\n/, "");
		const failed = await run("node", ["--input-type=module-typescript", "--eval", unarmed]);
		expect(failed.stdout).toContain("fail 1");
		expect(failed.code).toBe(1);
	});

	it("examples/three-venues.ts keeps all three sessions alive until it is interrupted, and then closes them", async () => {
		let interrupted = false;
		const { code, stdout } = await run("node", ["examples/three-venues.ts"], {
			env: programEnvironment(sims.addresses),
			onOutput: (text, child) => {
				// Once: a second SIGINT ends the program immediately.
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
