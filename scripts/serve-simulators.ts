/**
 * Serves the three simulators on 127.0.0.1 until the script is interrupted.
 *
 * The first line on stdout is JSON with the addresses and credentials. On stderr are shell commands that set the environment
 * variables for the programs of the READMEs.
 */
import { once } from "node:events";
import { programEnvironment } from "./program-environment.ts";
import { startSims } from "./start-simulators.ts";

await using sims = await startSims();
process.stdout.write(`${JSON.stringify(sims.addresses)}\n`);
process.stderr.write("\nFor the programs in the READMEs:\n\n");
for (const [name, value] of Object.entries(programEnvironment(sims.addresses))) {
	// The value is in single quotes, because one of the values is JSON. No value contains a single quote.
	process.stderr.write(`export ${name}='${value}'\n`);
}
process.stderr.write("\nCtrl-C ends the simulators.\n");

await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
