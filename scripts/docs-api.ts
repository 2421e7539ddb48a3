/**
 * Validates each client's spec with openapi-generator and writes its Markdown reference beside the client.
 *
 *   node docs-api.ts           writes packages/<client>/docs/api
 *   node docs-api.ts --check   writes nothing; fails when a spec is invalid or the committed pages differ
 *
 * Needs Java and, at first use, Maven Central for the generator's JAR. With `--check`, when either cannot be had, it
 * says so and exits with 0: no user and no test needs the pages.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repository, run, runOrThrow } from "./testing/run.ts";

const isCheck = process.argv.includes("--check");

/** Stands at the top of each index page. */
const banner = `> This is the reference of the venue's *wire*: paths, parameters and replies, written by openapi-generator from
> [the specification](../../../../specs/SPEC.yaml). For the TypeScript API of this package see its
> [README](../../README.md); \`npm run docs\` writes an HTML reference of it.

`;

const options = { timeoutMs: 240_000, ownGroup: true };

/** The pages of a folder by their paths. The generator writes other files beside them. */
function pagesOf(folder: string): Map<string, string> {
	const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }).sort() : [];
	const pages = names.filter((name) => name.endsWith(".md"));
	return new Map(pages.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** Generates the pages of a client. */
async function generate(client: string): Promise<Map<string, string>> {
	const folder = mkdtempSync(join(tmpdir(), "docs-api-"));
	try {
		const spec = `specs/${client}.yaml`;
		await runOrThrow("openapi-generator-cli", ["generate", "-g", "markdown", "-i", spec, "-o", folder], options);
		const pages = pagesOf(folder);
		for (const [name, text] of pages) {
			// The generator links types that have no page of their own, such as a string or an untyped value.
			const linked = text.replaceAll(
				/\[([^\]]*)\]\(([^()#]*\.md)(?:#[^()]*)?\)/g,
				(link, shown: string, target: string) => (pages.has(join(dirname(name), target)) ? link : shown),
			);
			pages.set(name, (name === "README.md" ? banner.replace("SPEC", client) : "") + linked);
		}
		return pages;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function write(folder: string, pages: ReadonlyMap<string, string>): void {
	rmSync(folder, { recursive: true, force: true });
	for (const [name, text] of pages) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
}

async function main(): Promise<void> {
	const { code, stdout, stderr } = await run("openapi-generator-cli", ["version"], options);
	if (code !== 0) {
		console.log(`docs:api needs Java and the generator's JAR: ${`${stdout}${stderr}`.trim().split("\n").at(-1)}`);
		process.exitCode = isCheck ? 0 : 1;
		return;
	}
	for (const client of ["deribit-session", "ibkr-session", "bybit-dcp"]) {
		const folder = `packages/${client}/docs/api`;
		const [pages, committed] = [await generate(client), pagesOf(join(repository, folder))];
		if (!isCheck) write(join(repository, folder), pages);
		const names = [...new Set([...pages.keys(), ...committed.keys()])];
		const changed = names.filter((name) => pages.get(name) !== committed.get(name));
		console.log(`${folder}: ${pages.size} pages, ${changed.length} differ from before`);
		for (const name of isCheck ? changed : []) {
			console.error(`${folder}/${name} is not what the spec gives: run "npm run docs:api"`);
			process.exitCode = 1;
		}
	}
}

await main();
