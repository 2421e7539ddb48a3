import { parseArgs } from "node:util";
import { alignColumns } from "@x/base/align-columns";
import { type Arguments, type Command, type Surroundings, UsageError } from "./command-definition.ts";
import { alert } from "./commands/alert.ts";
import { check } from "./commands/check.ts";
import { drill } from "./commands/drill.ts";
import { history } from "./commands/history.ts";
import { init } from "./commands/init.ts";
import { reload } from "./commands/reload.ts";
import { retry } from "./commands/retry.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { stop } from "./commands/stop.ts";
import { ConfigError } from "./config/config-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { readVersion } from "./read-own-package-files.ts";

const commands: Readonly<Record<string, Command>> = {
	init,
	check,
	run,
	status,
	history,
	retry,
	reload,
	stop,
	alert,
	drill,
};

/**
 * Runs the program.
 *
 * @param args - the command line, without the paths of Node.js and of the program.
 * @returns the exit code.
 */
export async function main(args: readonly string[], surroundings: Surroundings = ofProcess()): Promise<number> {
	const { print, report } = surroundings;
	const [name = "--help", ...rest] = args;
	if (name === "--help" || name === "-h" || name === "help") {
		print(overview());
		return exitCodes.ready;
	}
	if (name === "--version") {
		print(readVersion());
		return exitCodes.ready;
	}
	try {
		if (!Object.hasOwn(commands, name)) throw new UsageError(`there is no command ${JSON.stringify(name)}`);
		// The cast is safe: the line above has checked that the command exists.
		const command = commands[name] as Command;
		const parsed = parse(command, rest);
		if (parsed.values["help"] === true) {
			print(helpOf(name, command));
			return exitCodes.ready;
		}
		return await command.run(parsed, surroundings);
	} catch (error) {
		if (error instanceof ConfigError) {
			report(error.message);
			return exitCodes.configuration;
		}
		if (!(error instanceof UsageError)) throw error;
		report(`${error.message} See keepalive${Object.hasOwn(commands, name) ? ` ${name}` : ""} --help.`);
		return exitCodes.configuration;
	}
}

function parse(command: Command, args: readonly string[]): Arguments {
	let parsed: Arguments;
	try {
		const options = { ...command.options, help: { type: "boolean", short: "h" } } as const;
		parsed = parseArgs({ args: [...args], options, allowPositionals: true });
	} catch (error) {
		// Only the first sentence of the error of Node.js is shown, because the rest is advice on how to call `parseArgs`.
		throw new UsageError(error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? "") : "the arguments are wrong");
	}
	if (parsed.values["help"] !== true && parsed.positionals.length !== command.positionals) {
		const many = command.positionals === 0 ? "no argument" : "one argument";
		throw new UsageError(`this command takes ${many} without a dash, got ${parsed.positionals.length}`);
	}
	return parsed;
}

function overview(): string {
	const lines = alignColumns(Object.entries(commands).map(([name, { summary }]) => [name, summary])).map(
		(line) => `  ${line}`,
	);
	return [
		"keepalive keeps trading sessions alive and says whether your working orders are protected.",
		"",
		"Usage: keepalive <command> [options]",
		"",
		...lines,
		"",
		"keepalive <command> --help describes a command; keepalive --version prints the version.",
		"Exit codes: 0 ready, 1 not ready, 2 wrong configuration or arguments, 3 a person has to act.",
	].join("\n");
}

function helpOf(name: string, { usage, help }: Command): string {
	return [`Usage: keepalive ${name} [options]${usage === "" ? "" : ` ${usage}`}`, "", help].join("\n");
}

function ofProcess(): Surroundings {
	const interrupt = new AbortController();
	process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
	// When the reader of a pipe has ended, as in `keepalive status | head`, the command stops, because nobody reads the rest. The command
	// `run` goes on, because it has to keep the sessions alive.
	for (const stream of [process.stdout, process.stderr]) {
		stream.on("error", () => interrupt.abort(new Error("the output was closed")));
	}
	return {
		print: (text) => console.log(text),
		report: (text) => console.error(text),
		isTerminal: process.stdout.isTTY === true,
		environment: process.env,
		interrupted: interrupt.signal,
	};
}
