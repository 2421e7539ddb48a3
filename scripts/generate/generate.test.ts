import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { repository, run } from "../testing/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "generate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const main = join(repository, "scripts/generate/main.ts");
const specs = { "deribit-session": "deribit-session", "ibkr-session": "ibkr-session", "bybit-dcp": "bybit-dcp" };
/** The constants that each package's `generate` script asks for. */
const constantsOf: Readonly<Record<string, readonly string[]>> = {
	"deribit-session": ["facts", "pools"],
	"ibkr-session": ["paces"],
};

/** Runs the generator on a copy of a spec that was edited. */
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

describe("the generator of reply checks and types", () => {
	it.each(Object.entries(specs))("the generator reproduces the committed files of %s exactly", async (name, spec) => {
		const out = join(folder, name);
		const specFile = join(repository, "specs", `${spec}.yaml`);
		const committed = join(repository, "packages", name, "src/generated");
		const constants = constantsOf[name] ?? [];
		expect((await run("node", [main, "client", specFile, out, ...constants])).code).toBe(0);
		expect(readdirSync(out)).toEqual(readdirSync(committed));
		for (const file of readdirSync(out)) {
			expect(readFileSync(join(out, file), "utf8"), file).toBe(readFileSync(join(committed, file), "utf8"));
		}
	});

	it("the generator with --check writes nothing, and names the file that differs", async () => {
		const out = join(folder, "stale");
		cpSync(join(repository, "packages/bybit-dcp/src/generated"), out, { recursive: true });
		writeFileSync(join(out, "check.ts"), "edited");
		const checked = await run("node", [main, "client", join(repository, "specs/bybit-dcp.yaml"), out, "--check"]);
		expect(checked.code).toBe(1);
		expect(checked.stderr).toContain("stale/check.ts is not what the spec gives");
		expect(checked.stderr).not.toContain("schema.ts");
		expect(readFileSync(join(out, "check.ts"), "utf8")).toBe("edited");
	});
});

describe("the generator when the spec has an error", () => {
	it("the generator names the place of a misspelt $ref", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) =>
			text.replace("#/components/schemas/", "#/components/schemas/Un"),
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/bybit-dcp\.yaml:\d+:\d+ at #\/\S+: Can't resolve \$ref/);
	});

	it("the generator names the place of a schema without a type", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) =>
			text.replace(/( +)retCode:\n +type: integer\n/, "$1retCode:\n"),
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/bybit-dcp\.yaml:\d+:\d+ at #\/components\/schemas\/\S+retCode: has no type/);
	});

	it("the generator names the place of an operation whose x-session has no member `transports`", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) =>
			text.replace(/transports: \[http\]/, "transport: http"),
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/bybit-dcp\.yaml:\d+:\d+ at #\/paths\/\S+: x-session: .*transports/);
	});

	it.each([
		["an operation without security", /^ +security: .*\n/m, "", /paths\/\S+: Every operation should have security/],
		[
			"a reply without an example",
			/(responses:[\s\S]*?)\bexample:/,
			"$1x-example:",
			/content\/application~1json: has no example/,
		],
		[
			"an operation without x-session",
			/^( +)x-session:(?=\n +transports)/m,
			"$1x-other:",
			/paths\/\S+: has no x-session/,
		],
		["a frame that is neither sent nor received", /frame: received/, "frame: seen", /schemas\/\S+x-session: .*frame/],
	])("the generator names the place of %s", async (_, found, replacement, problem) => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) => text.replace(found, replacement));
		expect(code).toBe(1);
		expect(stderr).toMatch(problem);
		expect(stderr.trim().split("\n")).toHaveLength(1);
	});

	it("the generator names the file whose text is not YAML", async () => {
		const { code, stderr } = await generateEdited("bybit-dcp", (text) => text.replace("paths:", "paths: {"));
		expect(code).toBe(1);
		expect(stderr).toContain("bybit-dcp.yaml");
	});
});
