/**
 * Follows docs/adding-a-venue.md for a fourth venue, OKX, in a copy of the repository.
 *
 * The files of the venue are in examples/fourth-venue. Fails if an existing file that the document does not name has to change.
 */
import assert from "node:assert/strict";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../testing/run-command.ts";
import { type Copy, inCopy } from "./repository-copy.ts";

/** Edits a JSON file. */
function edit(folder: string, file: string, change: (json: Record<string, never>) => void): void {
	const path = join(folder, file);
	const json = JSON.parse(readFileSync(path, "utf8")) as Record<string, never>;
	change(json);
	writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
}

/** Adds the lines that the document names to existing files. */
function register(folder: string): string[] {
	const index = "packages/venue-sims/src/index.ts";
	const text = readFileSync(join(folder, index), "utf8");
	const line = 'export { OkxVenue, type OkxVenueOptions } from "./okx.ts";\n';
	writeFileSync(join(folder, index), text.replace("export { type Served", `${line}export { type Served`));
	const manifest = "packages/keepalive/package.json";
	edit(folder, manifest, (json: Record<string, Record<string, unknown>>) => {
		Object.assign(json["exports"] ?? {}, {
			"./okx": { types: "./dist/venues/okx/index.d.ts", default: "./dist/venues/okx/index.js" },
		});
		Object.assign(json["peerDependencies"] ?? {}, { "@x/okx-timer": "^0.1.0" });
		Object.assign(json["peerDependenciesMeta"] ?? {}, { "@x/okx-timer": { optional: true } });
		Object.assign(json["devDependencies"] ?? {}, { "@x/okx-timer": "^0.1.0" });
	});
	const tasks = "packages/keepalive/turbo.json";
	edit(folder, tasks, (json: Record<string, { build?: { dependsOn: string[] } }>) => {
		json["tasks"]?.build?.dependsOn.push("@x/okx-timer#build");
	});
	return [manifest, tasks, index];
}

async function addVenue({ folder, succeeds }: Copy): Promise<void> {
	cpSync(join(repository, "examples/fourth-venue"), folder, { recursive: true });
	const edited = register(folder);
	// Links the new workspace into node_modules, as `npm install` would do.
	symlinkSync("../../packages/okx-timer", join(folder, "node_modules/@x/okx-timer"));
	await succeeds("npx turbo run generate --output-logs=errors-only");
	assert.deepEqual(
		(await succeeds("git diff --name-only")).trim().split("\n"),
		edited,
		"an existing file needed an edit",
	);
	await succeeds("npx turbo run build typecheck --output-logs=errors-only");
	const linted = "packages/okx-timer/src packages/keepalive/src/venues/okx packages/venue-sims/src/okx.ts";
	await succeeds(`npx biome check --error-on-warnings ${linted}`);
	await succeeds("npx vitest run src/venues/okx", join(folder, "packages/keepalive"));
	const client = "{ apiKey: 'a', apiSecret: 'b', passphrase: 'c' }";
	await succeeds(`node --eval "import('@x/keepalive/okx').then(({ okx }) => okx({ client: ${client} }).name)"`);
}

// The copy uses the build cache of the repository, so that packages that do not depend on a new venue are not built again.
await inCopy(addVenue, process.env["TURBO_CACHE_DIR"] ?? join(repository, ".turbo/cache"));
console.log("added a fourth venue by docs/adding-a-venue.md without an edit of an existing source file");
