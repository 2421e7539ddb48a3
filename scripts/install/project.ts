import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository, run } from "../testing/run.ts";
import type { Registry } from "./registry.ts";

/** A project with packages installed from the registry. */
export interface Project {
	readonly folder: string;
	/** Names of the installed packages, with dependencies. */
	readonly packages: readonly string[];
	/** Bytes of their files. */
	readonly bytes: number;
}

/** Creates an empty project and installs packages, as a user does. */
export async function install(registry: Registry, folder: string, names: readonly string[]): Promise<Project> {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
	writeFileSync(join(folder, ".npmrc"), registry.npmrc);
	// A separate cache: an earlier run published other contents under the same version.
	const cache = join(folder, "../.npm-cache");
	const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--cache", cache, ...names];
	const { code, stderr } = await run("npm", args, { cwd: folder, timeoutMs: 180_000 });
	if (code !== 0) throw new Error(`installing ${names.join(", ")} failed:\n${stderr}`);
	const modules = join(folder, "node_modules");
	return { folder, packages: packagesIn(modules), bytes: bytesIn(modules) };
}

/** Copies a program of the repository into a project. */
export function copyProgram(project: Project, file: string): string {
	copyFileSync(join(repository, file), join(project.folder, basename(file)));
	return basename(file);
}

function packagesIn(modules: string): string[] {
	const entries = readdirSync(modules).filter((name) => !name.startsWith("."));
	return entries
		.flatMap((name) => {
			if (!name.startsWith("@")) return [name];
			return readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`);
		})
		.sort();
}

/** Size of the files in a folder, without npm's own metadata. */
export function bytesIn(folder: string): number {
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
	return files
		.filter((file) => file !== ".package-lock.json" && !file.startsWith(".bin"))
		.map((file) => statSync(join(folder, file)))
		.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}
