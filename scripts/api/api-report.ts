/**
 * Writes the public API of every published package as one report for each entry point, `packages/<name>/api/<entry>.api.md`.
 *
 *   node api-report.ts            writes the reports
 *   node api-report.ts --check    writes nothing; fails when a committed report differs, or an exported type names a type that is not exported
 *
 * Needs built packages.
 */
import { mkdirSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import ts from "typescript";
import { entriesOf } from "../build/entry-points.ts";
import { repository } from "../testing/run-command.ts";

const packages = [
	"deribit-session",
	"ibkr-session",
	"bybit-dcp",
	"keepalive",
	"keepalive-kubernetes",
	"keepalive-nats",
	"keepalive-postgres",
	"venue-sims",
];
const isCheck = process.argv.includes("--check");
using temporary = mkdtempDisposableSync(join(tmpdir(), "api-report-"));

/** All names that the entry points of a package export. One entry point may use a type that only another entry point exports. */
function exportedNames(folder: string): Set<string> {
	const files = entriesOf(folder).map(({ name }) => join(folder, "dist", `${name}.d.ts`));
	const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: [] });
	const checker = program.getTypeChecker();
	const names = files.flatMap((file) => {
		const source = program.getSourceFile(file);
		const module = source && checker.getSymbolAtLocation(source);
		return module ? checker.getExportsOfModule(module).map((symbol) => symbol.name) : [];
	});
	return new Set(names);
}

/**
 * Writes or checks the report of one entry point. Returns false if the committed report differs, or if an exported type names a type that
 * is not exported.
 */
function reportEntry(folder: string, subpath: string, name: string, exported: ReadonlySet<string>): boolean {
	const reportFolder = join(folder, "api");
	mkdirSync(reportFolder, { recursive: true });
	const report = (subpath === "." ? "index" : subpath.slice(2)).replaceAll("/", "-");
	const { succeeded } = Extractor.invoke(
		ExtractorConfig.prepare({
			configObjectFullPath: undefined,
			packageJsonFullPath: join(folder, "package.json"),
			configObject: {
				projectFolder: folder,
				mainEntryPointFilePath: join(folder, "dist", `${name}.d.ts`),
				compiler: { tsconfigFilePath: join(folder, "tsconfig.json") },
				apiReport: { enabled: true, reportFolder, reportTempFolder: temporary.path, reportFileName: report },
				newlineKind: "lf",
				messages: { extractorMessageReporting: { "ae-forgotten-export": { logLevel: ExtractorLogLevel.Error } } },
			},
		}),
		{
			localBuild: !isCheck,
			showVerboseMessages: false,
			messageCallback: (message) => {
				const isQuiet = message.logLevel === ExtractorLogLevel.Info || message.logLevel === ExtractorLogLevel.Verbose;
				const forgotten = /^The symbol "(\w+)"/.exec(message.text)?.[1] ?? "";
				const isExported = message.messageId === "ae-forgotten-export" && exported.has(forgotten);
				if (isQuiet || isExported) message.logLevel = ExtractorLogLevel.None;
			},
		},
	);
	return succeeded;
}

for (const name of packages) {
	const folder = join(repository, "packages", name);
	const exported = exportedNames(folder);
	for (const entry of entriesOf(folder)) {
		if (reportEntry(folder, entry.subpath, entry.name, exported)) continue;
		console.error(
			`${relative(repository, folder)}, ${entry.subpath}: the API report differs, or an exported type is missing (see above). After an intended change run "npm run api".`,
		);
		process.exitCode = 1;
	}
}
