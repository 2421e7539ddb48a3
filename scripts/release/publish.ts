/**
 * Publishes versions that npm does not have yet. Used by the release workflow only.
 *
 * npm refuses a package whose `repository` differs from its provenance (where the workflow ran). So this script takes the repository from
 * the workflow's environment and writes it into each package.json. These changes are not committed.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tidy } from "../build/reachable-files.ts";
import { repository } from "../testing/run-command.ts";
import { addresses } from "./package-json-links.ts";

const name = process.env["GITHUB_REPOSITORY"];
if (!name) throw new Error("GITHUB_REPOSITORY is not set: publishing is done by .github/workflows/release.yml");

for (const folder of readdirSync(join(repository, "packages"))) {
	const file = join(repository, "packages", folder, "package.json");
	// The cast is safe: a package.json is an object.
	const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
	// A private package is skipped: it is not published, so its `dist` need not be tidied.
	if (manifest["private"] === true) continue;
	tidy(join(repository, "packages", folder));
	writeFileSync(file, `${JSON.stringify({ ...manifest, ...addresses(name, folder) }, null, 2)}\n`);
}
// `changeset` is found because `npm run` has added the tools of the repository to the PATH.
process.exitCode = spawnSync("changeset", ["publish"], { cwd: repository, stdio: "inherit" }).status ?? 1;
