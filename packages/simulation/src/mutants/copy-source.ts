import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { repository } from "../../../../scripts/testing/run-command.ts";
import { applyEdit } from "./apply-edit.ts";
import type { Mutant } from "./mutant.ts";

const packages = [
	"base",
	"keepalive",
	"keepalive-agent",
	"keepalive-postgres",
	"deribit-session",
	"ibkr-session",
	"bybit-dcp",
	"venue-sims",
	"simulation",
];

/** A copy of the source that can be edited and then simulated without a build, because Node runs TypeScript directly. */
export interface SourceCopy {
	/** The folder that holds the packages of the copy. */
	readonly packages: string;
	/** The worker program of the copy. */
	readonly worker: string;
	/**
	 * @throws Error when an edit does not match exactly once, or when the edited file uses an unknown name. In both cases the source has
	 *   changed since the edit was written.
	 */
	apply(mutant: Mutant): void;
	remove(): void;
}

/** Makes a copy of the source in a temporary folder. */
export function copySource(): SourceCopy {
	const folder = mkdtempSync(join(tmpdir(), "mutant-"));
	const modules = join(folder, "node_modules");
	mkdirSync(join(modules, "@x"), { recursive: true });
	for (const name of readdirSync(join(repository, "node_modules"))) {
		if (name !== "@x" && !name.startsWith("."))
			symlinkSync(join(repository, "node_modules", name), join(modules, name));
	}
	for (const name of packages) {
		const from = join(repository, "packages", name);
		const to = join(folder, "packages", name);
		cpSync(join(from, "src"), join(to, "src"), { recursive: true });
		cpSync(join(from, "vitest.config.ts"), join(to, "vitest.config.ts"));
		const manifest = readFileSync(join(from, "package.json"), "utf8");
		writeFileSync(join(to, "package.json"), manifest.replaceAll(/\.\/dist\/([^"]*?)(\.d\.ts|\.js)"/g, './src/$1.ts"'));
		symlinkSync(to, join(modules, "@x", name));
	}
	const worker = join(folder, "packages/simulation/src/command/seed-worker.ts");
	writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
	cpSync(join(repository, "vitest.shared.ts"), join(folder, "vitest.shared.ts"));
	return {
		packages: join(folder, "packages"),
		worker,
		apply: ({ name, and = [], ...first }) => {
			for (const edit of [first, ...and]) {
				const { path, text } = applyEdit(join(folder, "packages"), edit);
				writeFileSync(path, text);
				const [error] = unknownNames(path);
				if (error !== undefined) throw new Error(`"${name}" does not compile any more: ${error}`);
			}
		},
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** TypeScript's codes for a name or member that does not exist. */
const unknownNameCodes = [2304, 2339, 2551, 2552];

/**
 * Error messages about names that an edited file uses but that are not declared. Such a file would fail for another reason than the
 * mutant's mistake.
 */
function unknownNames(path: string): string[] {
	const options: ts.CompilerOptions = {
		noEmit: true,
		target: ts.ScriptTarget.ES2024,
		module: ts.ModuleKind.NodeNext,
		allowImportingTsExtensions: true,
		skipLibCheck: true,
		strict: true,
		types: [],
	};
	const program = ts.createProgram([path], options);
	return program
		.getSemanticDiagnostics(program.getSourceFile(path))
		.filter(({ code }) => unknownNameCodes.includes(code))
		.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}
