/** Prints the versions and changelogs that a release would have. Works in a copy, so that the repository is not changed. */
import { cpSync, globSync, mkdtempDisposableSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repository, runOrThrow } from "../testing/run-command.ts";

using folder = mkdtempDisposableSync(join(tmpdir(), "release-dry-"));
const copy = join(folder.path, "copy");
const timeoutMs = 120_000;

await runOrThrow("git", ["clone", "--quiet", "--shared", repository, copy], { timeoutMs });
// The changesets are copied from the working tree, so that uncommitted ones are included.
rmSync(join(copy, ".changeset"), { recursive: true });
cpSync(join(repository, ".changeset"), join(copy, ".changeset"), { recursive: true });
const manifests = globSync("packages/*/package.json", { cwd: repository }).sort();
for (const file of manifests) cpSync(join(repository, file), join(copy, file));
symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
await runOrThrow("changeset", ["version"], { cwd: copy, timeoutMs });
for (const file of manifests) {
	const [before, after] = [repository, copy].map(
		// The cast is safe: npm requires these members.
		(root) => JSON.parse(readFileSync(join(root, file), "utf8")) as { name: string; version: string },
	);
	if (after?.version === before?.version) {
		console.log(`${after?.name} stays ${after?.version}\n`);
		continue;
	}
	const changelog = readFileSync(join(copy, dirname(file), "CHANGELOG.md"), "utf8");
	const [, section = ""] = changelog.split(/^## .*$/m);
	console.log(`${after?.name} ${before?.version} → ${after?.version}\n${section.trimEnd()}\n`);
}
