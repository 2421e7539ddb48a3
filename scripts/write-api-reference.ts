/**
 * Validates each client's spec with openapi-generator and writes its Markdown reference beside the client.
 *
 *   node write-api-reference.ts           writes packages/<client>/docs/api
 *   node write-api-reference.ts --check   writes nothing; fails when a spec is invalid or the committed pages differ
 *
 * Needs Java and, at first use, Maven Central for the generator's JAR. If Java or the JAR is not available, `--check`
 * says so and exits with 0, because no user and no test needs the pages.
 */
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkFiles, type Files, readFiles, writeFiles } from "./generate/generated-files.ts";
import { repository, run, runOrThrow } from "./testing/run-command.ts";

const isCheck = process.argv.includes("--check");

/** The text at the top of each index page. */
const banner = `> This is the reference of the venue's *wire*: paths, parameters and replies, written by openapi-generator from
> [the specification](../../../../specs/SPEC.yaml). For the TypeScript API of this package see its
> [README](../../README.md); \`npm run docs\` writes an HTML reference of it.

`;

const options = { timeoutMs: 240_000, ownGroup: true };

/** Generates the pages of a client. */
async function generate(client: string): Promise<Files> {
	using folder = mkdtempDisposableSync(join(tmpdir(), "docs-api-"));
	const spec = `specs/${client}.yaml`;
	await runOrThrow("openapi-generator-cli", ["generate", "-g", "markdown", "-i", spec, "-o", folder.path], options);
	// Only the Markdown pages are read, because the generator writes other files, too.
	const pages = new Map(readFiles(folder.path, ".md"));
	for (const [name, text] of pages) {
		// Removes links to pages that do not exist. The generator writes such links for types without a page, such as a string or an untyped
		// value.
		const linked = text.replaceAll(
			/\[([^\]]*)\]\(([^()#]*\.md)(?:#[^()]*)?\)/g,
			(link, shown: string, target: string) => (pages.has(join(dirname(name), target)) ? link : shown),
		);
		pages.set(name, (name === "README.md" ? banner.replace("SPEC", client) : "") + linked);
	}
	return pages;
}

const { code, stdout, stderr } = await run("openapi-generator-cli", ["version"], options);
if (code !== 0) {
	console.log(`docs:api needs Java and the generator's JAR: ${`${stdout}${stderr}`.trim().split("\n").at(-1)}`);
	process.exit(isCheck ? 0 : 1);
}
for (const client of ["deribit-session", "ibkr-session", "bybit-dcp"]) {
	const folder = join(repository, "packages", client, "docs/api");
	const [pages, committed] = [await generate(client), readFiles(folder, ".md")];
	if (isCheck) checkFiles(folder, committed, pages, "npm run docs:api");
	else writeFiles(folder, pages);
	console.log(`${client}: ${pages.size} pages`);
}
