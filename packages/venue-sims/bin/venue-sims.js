#!/usr/bin/env node
/**
 * Serves the three venues on 127.0.0.1 until it gets SIGINT, SIGTERM or SIGHUP, or until nobody can read its output.
 *
 * The first line on stdout is JSON with the addresses and credentials. On stderr are shell commands that set the environment
 * variables for the programs of the READMEs. Exit code 0, or 2 for a wrong argument.
 */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { serveVenues } from "../dist/index.js";

const usage = `usage: venue-sims [--help]

Serves simulators of Deribit, Interactive Brokers and Bybit on 127.0.0.1 until Ctrl-C. The first line on stdout is JSON with
their addresses and credentials. The system chooses the ports.
`;

try {
	const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
	if (values.help) process.stdout.write(usage);
	else await serveUntilSignal();
} catch (error) {
	if (!(error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"))) throw error;
	process.stderr.write(`${error.message}\n\n${usage}`);
	process.exitCode = 2;
}

async function serveUntilSignal() {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"].map((name) => once(process, name));
	const { addresses, environment, close } = await serveVenues();
	// If the reader of the output has gone, the simulators end, too.
	const lost = [process.stdout, process.stderr].map(
		(stream) => new Promise((resolve) => stream.once("error", resolve)),
	);
	process.stdout.write(`${JSON.stringify(addresses)}\n`);
	process.stderr.write("\nFor the programs in the READMEs:\n\n");
	for (const [name, value] of Object.entries(environment)) {
		// The value is in single quotes, because one of the values is JSON.
		process.stderr.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
	}
	process.stderr.write("\nCtrl-C ends the simulators.\n");
	await Promise.race([...signals, ...lost]);
	await close();
}
