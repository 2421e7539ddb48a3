import { readdirSync, readFileSync } from "node:fs";

/** Reads a file of this package. This module is at the top of `src`, so that the relative path is also right in `dist`. */
const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

/** Reads the published JSON Schema of the configuration. */
export function readConfigSchema(): Readonly<Record<string, unknown>> {
	// The cast is safe: a JSON Schema is an object; a test compiles it.
	return JSON.parse(read("keepalive.schema.json")) as Readonly<Record<string, unknown>>;
}

/** Reads the configuration that `keepalive init` writes. */
export function readSampleConfig(): string {
	return read("keepalive.sample.yaml");
}

/** Reads the version of this package. */
export function readVersion(): string {
	// The cast is safe: npm does not publish a package without a version.
	return (JSON.parse(read("package.json")) as { readonly version: string }).version;
}

/** Reads the names and contents of the files of the status page, in alphabetical order. */
export function readPageFiles(): [string, Buffer][] {
	const folder = new URL("../page/", import.meta.url);
	return readdirSync(folder)
		.sort()
		.map((name) => [name, readFileSync(new URL(name, folder))]);
}

// Without a build, the TypeScript sources run directly, and the modules end in `.ts`.
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The module of the worker thread that runs the sessions. */
export const keeperWorkerUrl = new URL(`./keeper-worker.${extension}`, import.meta.url);

/** The module of the worker thread that stores the history. */
export const historyWorkerUrl = new URL(`./history-worker.${extension}`, import.meta.url);

/** The program of the child process that holds the session that `keepalive drill` kills. */
export const drillSessionUrl = new URL(`./drill-session.${extension}`, import.meta.url);
