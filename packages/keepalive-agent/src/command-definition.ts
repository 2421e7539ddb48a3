import type { parseArgs } from "node:util";
import { sentence } from "@x/base/errors";
import type { Environment } from "./config/resolve-secrets.ts";

/** What a command can use in addition to its arguments. */
export interface Surroundings {
	/** Prints results, which another program may read. */
	print(text: string): void;
	/** Prints progress and errors, for a person. */
	report(text: string): void;
	/** Whether a person reads the results on a terminal. */
	readonly isTerminal: boolean;
	readonly environment: Environment;
	/**
	 * Aborts when the user interrupts the command. The command `run` does not use this, because it handles the signals of the operating
	 * system itself.
	 */
	readonly interrupted: AbortSignal;
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/** The parsed arguments of a command. */
export interface Arguments {
	readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
	readonly positionals: readonly string[];
}

/** One command of the program. */
export interface Command {
	/** One line that describes the command in the list of commands. */
	readonly summary: string;
	/** The arguments after the command's name, such as `<session>`. */
	readonly usage: string;
	/** What `keepalive <command> --help` prints below the usage. */
	readonly help: string;
	readonly options: Options;
	/** The number of arguments that the command takes, without options (they begin with a dash). */
	readonly positionals: number;
	/** @returns the exit code. */
	run(args: Arguments, surroundings: Surroundings): Promise<number>;
}

/** Thrown for arguments that cannot be used. The program then exits with code 2. */
export class UsageError extends Error {
	override readonly name = "UsageError";

	constructor(message: string) {
		super(sentence(message));
	}
}

/** The option `--config`, for every command that reads the configuration. */
export const configOption = { config: { type: "string", short: "c", default: "keepalive.yaml" } } as const;

export const configHelp = "  -c, --config FILE  the configuration (default keepalive.yaml)";

/** Returns the file that the option `--config` names. */
export function configFileOf({ values }: Arguments): string {
	const { config } = values;
	if (typeof config !== "string" || config === "") throw new UsageError('--config must be the path of a file, got ""');
	return config;
}
