import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../../../../scripts/testing/run.ts";
import type { Planted } from "./planted.ts";

const packages = ["base", "keepalive", "deribit-session", "ibkr-session", "bybit-dcp", "venue-sims", "simulation"];

/** A copy of the source that can be played and broken, without a build: Node runs the TypeScript as it stands. */
export interface SourceCopy {
	/** The program that plays seeds with it. */
	readonly worker: string;
	/** @throws Error when the text to replace does not stand there exactly once: the source has moved on. */
	plant(fault: Planted): void;
	remove(): void;
}

/** Makes a copy in a folder of its own. */
export function copySource(): SourceCopy {
	const folder = mkdtempSync(join(tmpdir(), "planted-"));
	const modules = join(folder, "node_modules");
	mkdirSync(join(modules, "@x"), { recursive: true });
	for (const name of readdirSync(join(repository, "node_modules"))) {
		if (name !== "@x" && !name.startsWith("."))
			symlinkSync(join(repository, "node_modules", name), join(modules, name));
	}
	for (const name of packages) {
		const from = join(repository, "packages", name);
		const to = join(folder, "packages", name);
		const isTest = (path: string): boolean => path.endsWith(".test.ts");
		cpSync(join(from, "src"), join(to, "src"), { recursive: true, filter: (path) => !isTest(path) });
		const manifest = readFileSync(join(from, "package.json"), "utf8");
		writeFileSync(join(to, "package.json"), manifest.replaceAll(/\.\/dist\/([^"]*?)(\.d\.ts|\.js)"/g, './src/$1.ts"'));
		symlinkSync(to, join(modules, "@x", name));
	}
	const worker = join(folder, "packages/simulation/src/command/worker.ts");
	writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
	return {
		worker,
		plant: ({ name, and = [], ...first }) => {
			for (const { file, from, to } of [first, ...and]) {
				const path = join(folder, "packages", file);
				const parts = readFileSync(path, "utf8").split(from);
				if (parts.length !== 2) {
					throw new Error(`"${name}" does not apply any more: its text stands ${parts.length - 1} times in ${file}`);
				}
				writeFileSync(path, parts.join(to));
			}
		},
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
