import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A published package whose users will notice a change, and the files that changed. */
export interface Changed {
	readonly name: string;
	readonly files: readonly string[];
}

/** Files of a package that do not reach its users. */
const inside = /\.test\.ts$|\/testing\//;

/**
 * The published packages that changed between a commit and the files as they are now, by what their users get: their
 * source, their `package.json`, and the spec that they are generated from.
 */
export function changedSince(repository: string, base: string): Changed[] {
	const tracked = git(repository, "diff", "--name-only", base);
	const added = git(repository, "ls-files", "--others", "--exclude-standard");
	const files = [...tracked, ...added];
	return packagesOf(repository).flatMap(({ folder, name, specs }) => {
		const own = files.filter((file) => {
			if (inside.test(file)) return false;
			return file.startsWith(`packages/${folder}/src/`) || file === `packages/${folder}/package.json` || specs(file);
		});
		return own.length === 0 ? [] : [{ name, files: own }];
	});
}

/** The packages that a changeset names which was added or edited since the commit. */
export function announcedSince(repository: string, base: string): Set<string> {
	const tracked = git(repository, "diff", "--name-only", "--diff-filter=d", base, "--", ".changeset");
	const added = git(repository, "ls-files", "--others", "--exclude-standard", "--", ".changeset");
	const names = [...tracked, ...added]
		.filter((file) => file.endsWith(".md") && !file.endsWith("README.md"))
		.flatMap((file) => {
			const head = /^---\n([\s\S]*?)\n---/.exec(readFileSync(join(repository, file), "utf8"))?.[1] ?? "";
			return [...head.matchAll(/^["']?(@?[\w./-]+)["']?:/gm)].map((match) => match[1] ?? "");
		});
	return new Set(names);
}

/** Where this branch left the main one; on the main one, what is committed. Undefined where there is no main branch. */
export function baseOf(repository: string): string | undefined {
	for (const main of ["origin/main", "main"]) {
		const [base] = git(repository, "merge-base", "HEAD", main);
		if (base !== undefined) return base;
	}
	return undefined;
}

interface Package {
	readonly folder: string;
	readonly name: string;
	/** Whether a file is a spec that it is generated from. */
	specs(file: string): boolean;
}

function packagesOf(repository: string): Package[] {
	const folders = readdirSync(join(repository, "packages"));
	return folders.flatMap((folder) => {
		const file = join(repository, "packages", folder, "package.json");
		if (!existsSync(file)) return [];
		const manifest = JSON.parse(readFileSync(file, "utf8")) as {
			name: string;
			private?: boolean;
			scripts?: { generate?: string };
		};
		if (manifest.private) return [];
		// As `npm run generate` is told: one spec, or the folder of all.
		const source = /\.\.\/\.\.\/(specs\S*)/.exec(manifest.scripts?.generate ?? "")?.[1];
		const specs = (changed: string): boolean =>
			source !== undefined && /^specs\/.*\.yaml$/.test(changed) && changed.startsWith(source);
		return [{ folder, name: manifest.name, specs }];
	});
}

function git(cwd: string, ...args: string[]): string[] {
	const { status, stdout } = spawnSync("git", args, { cwd, encoding: "utf8", timeout: 30_000 });
	return status === 0 ? stdout.split("\n").filter((line) => line !== "") : [];
}
