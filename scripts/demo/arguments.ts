import { parseArgs } from "node:util";

/** The demo's arguments, as `usage` describes them. */
export type DemoArguments = Exclude<ReturnType<typeof readArguments>, "help">;

const shortestSeconds = 20;
const longestSeconds = 600;
const defaultSeconds = 40;

export const usage = `usage: npm run demo -- [--seconds N] [--json] [--help]

  --seconds N   limits the run to about N seconds: ${shortestSeconds} to ${longestSeconds}, default ${defaultSeconds}
  --json        prints one JSON record per line for every status change, and a summary as the last line
  --help        prints this text`;

/**
 * Reads the arguments of the demo.
 *
 * @throws TypeError that names the wrong argument and what is allowed.
 */
export function readArguments(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			seconds: { type: "string" },
			json: { type: "boolean", default: false },
			help: { type: "boolean", short: "h", default: false },
		},
	});
	if (values.help) return "help" as const;
	const seconds = Number(values.seconds ?? defaultSeconds);
	const isAllowed = values.seconds !== "" && seconds >= shortestSeconds && seconds <= longestSeconds;
	if (isAllowed) return { seconds, json: values.json };
	throw new TypeError(
		`--seconds must be a number from ${shortestSeconds} to ${longestSeconds}, got "${values.seconds}": the four faults need that long`,
	);
}
