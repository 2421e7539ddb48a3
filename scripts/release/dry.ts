/** Prints the versions and changelogs of a release, made in a copy. Changes nothing here. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "release-dry-"));
const copy = join(folder, "copy");

function run(cwd: string, command: string, ...args: string[]): { ok: boolean; output: string } {
	const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000 });
	return { ok: status === 0, output: `${stdout}${stderr}` };
}

const versionsIn = (root: string): Map<string, { name: string; version: string }> =>
	new Map(
		readdirSync(join(root, "packages"))
			.filter((name) => existsSync(join(root, "packages", name, "package.json")))
			.map((name) => {
				const text = readFileSync(join(root, "packages", name, "package.json"), "utf8");
				return [name, JSON.parse(text) as { name: string; version: string }];
			}),
	);

function show(): number {
	const cloned = run(repository, "git", "clone", "--quiet", "--shared", repository, copy);
	if (!cloned.ok) throw new Error(cloned.output);
	// Includes uncommitted changes.
	rmSync(join(copy, ".changeset"), { recursive: true });
	cpSync(join(repository, ".changeset"), join(copy, ".changeset"), { recursive: true });
	const before = versionsIn(repository);
	for (const name of before.keys()) {
		cpSync(join(repository, "packages", name, "package.json"), join(copy, "packages", name, "package.json"));
	}
	symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
	const pending = readdirSync(join(copy, ".changeset")).filter((file) => file.endsWith(".md") && file !== "README.md");
	if (pending.length === 0) {
		console.log("no changeset is pending: nothing would be released");
		return 0;
	}
	const made = run(copy, process.execPath, join(repository, "node_modules/@changesets/cli/bin.js"), "version");
	if (!made.ok) {
		console.error(made.output);
		return 1;
	}
	for (const [name, { name: full, version }] of versionsIn(copy)) {
		const earlier = before.get(name)?.version;
		if (earlier === version) {
			console.log(`${full} stays ${version}\n`);
			continue;
		}
		const changelog = readFileSync(join(copy, "packages", name, "CHANGELOG.md"), "utf8");
		const [, section = ""] = changelog.split(/^## .*$/m);
		console.log(`${full} ${earlier} → ${version}\n${section.trimEnd()}\n`);
	}
	return 0;
}

try {
	process.exitCode = show();
} finally {
	rmSync(folder, { recursive: true, force: true });
}
