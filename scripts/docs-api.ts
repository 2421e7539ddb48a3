/**
 * Validates every spec with openapi-generator and writes its Markdown reference beside each client.
 *
 *   node docs-api.ts           writes packages/<client>/docs/api
 *   node docs-api.ts --check   writes nothing; fails when a spec is invalid or the committed pages differ
 *
 * Needs Java and, at first use, Maven Central for the generator's JAR. With `--check`, when either cannot be had, it
 * says so and exits with 0: no user and no test needs the pages.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const check = process.argv.includes("--check");
const clients = ["deribit-session", "ibkr-session", "bybit-dcp"];

/** Stands at the top of each index page. */
const banner = `> This is the reference of the venue's *wire*: paths, parameters and replies, written by openapi-generator from
> [the specification](../../../../specs/SPEC.yaml). For the TypeScript API of this package see its
> [README](../../README.md); \`npm run docs\` writes an HTML reference of it.

`;

/** The generator's housekeeping files. */
const housekeeping = [".openapi-generator", ".openapi-generator-ignore"];

function generator(...args: string[]): { ok: boolean; output: string } {
	const cli = join(repository, "node_modules/@openapitools/openapi-generator-cli/main.js");
	const run = spawnSync(process.execPath, [cli, ...args], { cwd: repository, encoding: "utf8", timeout: 240_000 });
	return { ok: run.status === 0, output: `${run.stdout}${run.stderr}` };
}

function reasonToSkip(): string | undefined {
	if (spawnSync("java", ["-version"], { timeout: 60_000 }).status !== 0) return "there is no Java here";
	const version = generator("version");
	return version.ok ? undefined : `the generator's JAR cannot be had here: ${version.output.trim().split("\n").at(-1)}`;
}

function pagesOf(folder: string): Map<string, string> {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
	const files = names.filter((name) => statSync(join(folder, name)).isFile());
	return new Map(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

function write(client: string, folder: string): string | undefined {
	const spec = `specs/${client}.yaml`;
	const validated = generator("validate", "-i", spec);
	if (!validated.ok) return `${spec} is not valid:\n${validated.output}`;
	rmSync(folder, { recursive: true, force: true });
	const made = generator("generate", "-g", "markdown", "-i", spec, "-o", folder);
	if (!made.ok) return `no pages for ${spec}:\n${made.output}`;
	for (const name of housekeeping) rmSync(join(folder, name), { recursive: true, force: true });
	for (const [name, text] of pagesOf(folder)) {
		// The generator links types that have no page of their own, such as a string or an untyped value.
		const linked = text.replaceAll(
			/\[([^\]]*)\]\(([^()#]*\.md)(?:#[^()]*)?\)/g,
			(link, shown: string, target: string) => (existsSync(join(folder, dirname(name), target)) ? link : shown),
		);
		const head = name === "README.md" ? banner.replace("SPEC", client) : "";
		writeFileSync(join(folder, name), head + linked);
	}
	return undefined;
}

function differences(client: string, made: string, committed: string): string[] {
	const [now, before] = [pagesOf(made), pagesOf(committed)];
	const names = new Set([...now.keys(), ...before.keys()]);
	return [...names]
		.filter((name) => now.get(name) !== before.get(name))
		.map((name) => `packages/${client}/docs/api/${name} is not what the spec gives: run "npm run docs:api"`);
}

function main(): number {
	const skip = reasonToSkip();
	if (skip) {
		console.log(`docs:api ${check ? "not checked" : "not written"}: ${skip}`);
		return check ? 0 : 1;
	}
	const faults: string[] = [];
	for (const client of clients) {
		const committed = join(repository, "packages", client, "docs/api");
		const folder = check ? mkdtempSync(join(tmpdir(), "docs-api-")) : committed;
		const fault = write(client, folder);
		if (fault) faults.push(fault);
		else if (check) faults.push(...differences(client, folder, committed));
		else console.log(`wrote ${relative(repository, folder)}`);
		if (check) rmSync(folder, { recursive: true, force: true });
	}
	for (const fault of faults) console.error(fault);
	if (check && faults.length === 0) console.log("docs:api checked: three specs valid, the committed pages are theirs");
	return faults.length === 0 ? 0 : 1;
}

process.exitCode = main();
