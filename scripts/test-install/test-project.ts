import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository, runOrThrow } from "../testing/run-command.ts";

/** A project with packages installed from the registry. */
export interface Project {
	readonly folder: string;
	/** Names of the installed packages, including dependencies. */
	readonly packages: readonly string[];
	/** Names of the installed packages with an install script. */
	readonly withScripts: readonly string[];
	/** The size of the installed files in bytes. */
	readonly bytes: number;
}

/** Creates an empty project and installs packages, as a user does. */
export async function install(npmrc: string, folder: string, names: readonly string[]): Promise<Project> {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
	// Each run has a separate cache of npm, because an earlier run may have published other contents under the same version.
	const cache = join(folder, "../.npm-cache");
	const settings = ["--no-audit", "--no-fund", "--ignore-scripts", "--userconfig", npmrc, "--cache", cache];
	await runOrThrow("npm", ["install", ...settings, ...names], { cwd: folder, timeoutMs: 180_000 });
	// The cast is safe: npm's lockfile has this format.
	const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
		readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
	};
	const installed = Object.keys(packages).filter((path) => path !== "");
	const namesOf = (paths: readonly string[]) => paths.map((path) => path.slice("node_modules/".length)).sort();
	return {
		folder,
		packages: namesOf(installed),
		withScripts: namesOf(installed.filter((path) => packages[path]?.hasInstallScript)),
		// The size of a package includes the packages that are installed inside its folder.
		bytes: installed
			.filter((path) => !path.includes("/node_modules/"))
			.reduce((sum, path) => sum + bytesIn(join(folder, path)), 0),
	};
}

/** Copies a program of the repository into a project. */
export function copyProgram(project: Project, file: string): string {
	copyFileSync(join(repository, file), join(project.folder, basename(file)));
	return basename(file);
}

/** The size of the files in a folder, in bytes. */
export function bytesIn(folder: string): number {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
