import { dirname, join, resolve } from "node:path";
import type { SchemaProblem } from "./check-against-schema.ts";
import { optionOrigins } from "./options.ts";
import { readProblem, readRegularFile } from "./read-regular-file.ts";
import type { KeyPath } from "./yaml-file.ts";

/** The environment variables that secrets may come from. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The largest file, in bytes, that can hold a secret, such as a key or a certificate. */
const maxSecretBytes = 1_000_000;

/**
 * Every key of the configuration that refers to a secret. The agent's own keys are written here; the keys of the sessions are added from
 * their options.
 */
const secretKeys: ReadonlySet<string> = new Set([
	"token",
	"postgresUrl",
	"webhookUrl",
	"botToken",
	"routingKey",
	"pingUrl",
	...Object.values(optionOrigins).flatMap((origins) =>
		Object.entries(origins).flatMap(([name, origin]) => (origin === "secret" ? [name] : [])),
	),
]);

/** Secrets that are sent in a header of HTTP. */
const headerKeys: ReadonlySet<string> = new Set(["token", "apiKey"]);
/** A character that an HTTP header cannot hold, or that would end the header. */
const notInHeader = /[^\u0021-\u007e]/;

/** A configuration in which the secrets have replaced the references, and the references that could not be resolved. */
export interface Resolved {
	readonly data: unknown;
	readonly problems: readonly SchemaProblem[];
	/** The files that hold the secrets. */
	readonly files: readonly string[];
}

/**
 * Replaces the references by the secrets: `key: env:NAME`, `key: credential:NAME` and `keyFile: path` become `key: <secret>`.
 *
 * @param data - the data of a configuration, which follows the schema.
 * @param file - the path of the configuration; paths in it are relative to its folder.
 */
export function resolveSecrets(data: unknown, file: string, environment: Environment): Resolved {
	const problems: SchemaProblem[] = [];
	const files: string[] = [];
	const folder = dirname(resolve(file));
	const fail = (path: KeyPath, message: string): string => {
		problems.push({ path, message });
		return "";
	};
	const resolveIn = (value: unknown, path: KeyPath): unknown => {
		if (Array.isArray(value)) return value.map((each, index) => resolveIn(each, [...path, index]));
		if (typeof value !== "object" || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([key, each]) => resolveEntry(key, each, [...path, key])));
	};
	const resolveEntry = (key: string, value: unknown, path: KeyPath): [string, unknown] => {
		const plain = key.replace(/File$/, "");
		if (typeof value !== "string" || !secretKeys.has(plain)) return [key, resolveIn(value, path)];
		if (key !== plain) files.push(resolve(folder, value));
		const reference = key === plain ? value : `file:${resolve(folder, value)}`;
		const secret = readSecret(reference, environment, (message) => fail(path, message));
		if (headerKeys.has(plain) && notInHeader.test(secret)) {
			fail(path, "holds a space, a line break or another character that cannot be in an HTTP header");
		}
		return [plain, secret];
	};
	return { data: resolveIn(data, []), problems, files };
}

function readSecret(reference: string, environment: Environment, fail: (message: string) => string): string {
	const separator = reference.indexOf(":");
	const [kind, name] = [reference.slice(0, separator), reference.slice(separator + 1)];
	if (kind === "env") return environment[name] || fail(`needs the environment variable ${name}, which is not set`);
	if (kind === "file") return readSecretFile(name, name, fail);
	const folder = environment["CREDENTIALS_DIRECTORY"];
	if (!folder)
		return fail("needs a credential, but $CREDENTIALS_DIRECTORY is not set (LoadCredential= of systemd sets it)");
	return readSecretFile(join(folder, name), `the credential ${name}`, fail);
}

/** @param shown - how an error message names the file. */
function readSecretFile(path: string, shown: string, fail: (message: string) => string): string {
	try {
		// The secret is trimmed, because a line break at its end would make a key invalid.
		return readRegularFile(path, maxSecretBytes).toString("utf8").trim() || fail(`cannot use ${shown}: it is empty`);
	} catch (error) {
		return fail(`cannot read ${shown}: ${readProblem(error)}`);
	}
}
