/**
 * Runs every line of docs/changing-a-spec.md in a copy of the repository, except `npm test`, which would run the tests of this script
 * again.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../testing/run-command.ts";
import { type Copy, inCopy } from "./repository-copy.ts";

/** Edits the spec: adds a member that the venue now sends. */
function edit({ folder }: Copy): void {
	const file = join(folder, "specs/bybit-dcp.yaml");
	const text = readFileSync(file, "utf8");
	const edited = text.replace(/^( +)timeNano: .*$/m, "$&\n$1timeZone: { type: string, description: Newly said. }");
	assert.notEqual(edited, text, "the place to edit in specs/bybit-dcp.yaml was not found");
	writeFileSync(file, edited);
}

async function followPage(copy: Copy): Promise<void> {
	const { shell, succeeds } = copy;
	const page = readFileSync(join(repository, "docs/changing-a-spec.md"), "utf8");
	const block = /```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
	const lines = block
		.trim()
		.split("\n")
		.map((line) => line.replace(/\s+#.*$/, ""));
	assert.ok(lines.length <= 10, "ten lines at most");
	await succeeds("npm run build");

	for (const line of lines) {
		if (line.startsWith("$EDITOR")) edit(copy);
		else if (line === "npm test") continue;
		else if (line === "npm run build") {
			// The cast is safe: the turbo version in package.json prints this format.
			const plan = JSON.parse(await succeeds("npx turbo run build --dry=json")) as {
				tasks: { package: string; task: string; command: string; cache: { status: string } }[];
			};
			// Turbo also plans a build for packages that have no build script; these packages are left out.
			const builds = plan.tasks.filter(({ task, command }) => task === "build" && command !== "<NONEXISTENT>");
			const missed = builds.filter(({ cache }) => cache.status === "MISS");
			const dependents = [
				"@x/bybit-dcp",
				"@x/keepalive",
				"@x/keepalive-agent",
				"@x/keepalive-kubernetes",
				"@x/keepalive-nats",
				"@x/keepalive-postgres",
				"@x/venue-sims",
			];
			assert.deepEqual(missed.map((task) => task.package).sort(), dependents);
			await succeeds(line);
		} else if (line.startsWith("npx changeset add")) {
			const silent = await shell("npm run changeset:check");
			assert.equal(silent.code, 1, "a change without a changeset must fail the check");
			assert.match(`${silent.stdout}${silent.stderr}`, /no changesets were found/);
			await succeeds(line);
		} else {
			const said = await succeeds(line);
			if (line === "npm run generate") {
				assert.deepEqual((await succeeds("git diff --name-only")).trim().split("\n"), [
					"packages/bybit-dcp/src/generated/check.ts",
					"packages/bybit-dcp/src/generated/schema.ts",
					"packages/venue-sims/src/generated/bybit-dcp.ts",
					"specs/bybit-dcp.yaml",
				]);
			}
			if (line === "npm run release:dry") {
				assert.match(said, /@x\/bybit-dcp 0\.\d+\.\d+ → /);
				assert.match(said, /Read what the venue newly says\./);
				assert.equal(await succeeds("git status --short -- packages/*/package.json packages/*/CHANGELOG.md"), "");
			}
		}
	}
}

await inCopy(followPage);
console.log("every line of docs/changing-a-spec.md works as described");
