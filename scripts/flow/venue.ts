/**
 * Follows docs/adding-a-venue.md for a fourth venue, OKX, in a copy of the repository.
 *
 * Its files are in examples/fourth-venue. No existing source file may need an edit, except the lines that the page names.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository, run } from "../testing/run.ts";
import { copyRepository, git } from "./copy.ts";

const folder = mkdtempSync(join(tmpdir(), "venue-"));
const copy = join(folder, "copy");

async function succeeds(command: string, args: readonly string[], cwd = copy): Promise<void> {
	const path = `${join(copy, "node_modules/.bin")}:${process.env["PATH"]}`;
	// The repository's cache: what a new venue does not touch is not built again.
	const env = { TURBO_CACHE_DIR: process.env["TURBO_CACHE_DIR"] ?? join(repository, ".turbo/cache"), PATH: path };
	const { code, stdout, stderr } = await run(command, args, { cwd, env, timeoutMs: 300_000 });
	assert.equal(code, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
	console.log(`ok  ${command} ${args.join(" ")}`);
}

/** Edits a JSON file. */
function edit(file: string, change: (json: Record<string, never>) => void): void {
	const path = join(copy, file);
	const json = JSON.parse(readFileSync(path, "utf8")) as Record<string, never>;
	change(json);
	writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
}

/** Adds the lines to existing files that the page names. */
function register(): string[] {
	const index = "packages/venue-sims/src/index.ts";
	const text = readFileSync(join(copy, index), "utf8");
	const line = 'export { OkxVenue, type OkxVenueOptions } from "./okx.ts";\n';
	writeFileSync(join(copy, index), text.replace("export { type Served", `${line}export { type Served`));
	const manifest = "packages/keepalive/package.json";
	edit(manifest, (json: Record<string, Record<string, unknown>>) => {
		Object.assign(json["exports"] ?? {}, {
			"./okx": { types: "./dist/venues/okx/index.d.ts", default: "./dist/venues/okx/index.js" },
		});
		Object.assign(json["peerDependencies"] ?? {}, { "@x/okx-timer": "^0.1.0" });
		Object.assign(json["peerDependenciesMeta"] ?? {}, { "@x/okx-timer": { optional: true } });
		Object.assign(json["devDependencies"] ?? {}, { "@x/okx-timer": "^0.1.0" });
	});
	const tasks = "packages/keepalive/turbo.json";
	edit(tasks, (json: Record<string, { build?: { dependsOn: string[] } }>) => {
		json["tasks"]?.build?.dependsOn.push("@x/okx-timer#build");
	});
	return [manifest, tasks, index];
}

async function main(): Promise<void> {
	copyRepository(repository, copy);
	cpSync(join(repository, "examples/fourth-venue"), copy, { recursive: true });
	const edited = register();
	// What `npm install` does for a new workspace.
	symlinkSync("../../packages/okx-timer", join(copy, "node_modules/@x/okx-timer"));
	await succeeds("npx", ["turbo", "run", "generate", "--output-logs=errors-only"]);
	assert.deepEqual(git(copy, "diff", "--name-only").trim().split("\n"), edited, "an existing file needed an edit");
	await succeeds("npx", ["turbo", "run", "build", "typecheck", "--output-logs=errors-only"]);
	const lint = ["packages/okx-timer/src", "packages/keepalive/src/venues/okx", "packages/venue-sims/src/okx.ts"];
	await succeeds("npx", ["biome", "check", "--error-on-warnings", ...lint]);
	await succeeds("npx", ["vitest", "run", "src/venues/okx"], join(copy, "packages/keepalive"));
	const load =
		"import('@x/keepalive/okx').then(({ okx }) => okx({ client: { apiKey: 'a', apiSecret: 'b', passphrase: 'c' } }).name)";
	await succeeds("node", ["--input-type=module", "--eval", load]);
}

try {
	await main();
	console.log("added a fourth venue by docs/adding-a-venue.md without an edit of an existing source file");
} finally {
	rmSync(folder, { recursive: true, force: true });
}
