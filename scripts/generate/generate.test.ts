import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { repository, run } from "../testing/run.ts";

const folder = mkdtempSync(join(tmpdir(), "generate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const main = join(repository, "scripts/generate/main.ts");
const specs = { "deribit-session": "deribit-session", "ibkr-session": "ibkr-session", "bybit-dcp": "bybit-dcp" };

/** Generates from a copy of a spec after an edit that must change something. */
async function generateEdited(
	spec: string,
	edit: (text: string) => string,
): Promise<{ code: number | null; stderr: string }> {
	const file = join(folder, `${spec}.yaml`);
	const text = readFileSync(join(repository, "specs", `${spec}.yaml`), "utf8");
	const edited = edit(text);
	expect(edited).not.toBe(text);
	writeFileSync(file, edited);
	return run("node", [main, "client", file, join(folder, "out")]);
}

describe("generation", () => {
	it.each(Object.entries(specs))("gives the committed bytes of %s from nothing", async (name, spec) => {
		const out = join(folder, name);
		const specFile = join(repository, "specs", `${spec}.yaml`);
		expect((await run("node", [main, "client", specFile, out])).code).toBe(0);
		for (const file of ["schema.ts", "check.ts", "facts.ts"]) {
			const committed = join(repository, "packages", name, "src/generated", file);
			expect(readFileSync(join(out, file), "utf8"), file).toBe(readFileSync(committed, "utf8"));
		}
	});

	it("with --check writes nothing and names the file that is stale", async () => {
		const out = join(folder, "stale");
		cpSync(join(repository, "packages/bybit-dcp/src/generated"), out, { recursive: true });
		writeFileSync(join(out, "facts.ts"), "edited");
		const checked = await run("node", [main, "client", join(repository, "specs/bybit-dcp.yaml"), out, "--check"]);
		expect(checked.code).toBe(1);
		expect(checked.stderr).toContain("stale/facts.ts is not what the spec gives");
		expect(checked.stderr).not.toContain("schema.ts");
		expect(readFileSync(join(out, "facts.ts"), "utf8")).toBe("edited");
	});
});

describe("a fault in a spec fails generation and names file, line and place:", () => {
	it("a misspelt $ref", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) =>
			text.replace("#/components/schemas/", "#/components/schemas/Un"),
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/bybit-dcp\.yaml:\d+:\d+ at #\/\S+: Can't resolve \$ref/);
	});

	it("a schema without a type", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) =>
			text.replace(/( +)retCode:\n +type: integer\n/, "$1retCode:\n"),
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/bybit-dcp\.yaml:\d+:\d+ at #\/components\/schemas\/\S+retCode: has no type/);
	});

	it("an operation that says nothing of where it works", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) =>
			text.replace(/transports: \[http\]/, "transport: http"),
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/bybit-dcp\.yaml:\d+:\d+ at #\/paths\/\S+: x-session: .*transports/);
	});

	it("text that is not YAML", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) => text.replace("paths:", "paths: {"));
		expect(code).toBe(1);
		expect(stderr).toContain("bybit-dcp.yaml");
	});
});
