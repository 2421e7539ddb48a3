/** What the demo was asked for. */
export interface DemoArguments {
	/** About how long it may take, in seconds. */
	readonly seconds: number;
	/** One JSON record a line on stdout instead of a table. */
	readonly json: boolean;
}

const shortestSeconds = 20;
const defaultSeconds = 40;

export const usage = `usage: npm run demo -- [--seconds N] [--json]

  --seconds N   about how long it runs: ${shortestSeconds} to 600, ${defaultSeconds} when not given
  --json        one JSON record a line for each status change, and a summary as the last line`;

/** @throws TypeError that says which argument is wrong and what is allowed. */
export function readArguments(args: readonly string[]): DemoArguments {
	let seconds = defaultSeconds;
	let json = false;
	const rest = [...args];
	for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
		const [flag, inline] = arg.split("=", 2);
		if (flag === "--json" && inline === undefined) json = true;
		else if (flag === "--seconds") seconds = readSeconds(inline ?? rest.shift());
		else throw new TypeError(`${arg} is not an argument of the demo`);
	}
	return { seconds, json };
}

function readSeconds(text: string | undefined): number {
	const seconds = Number(text);
	if (text !== undefined && text !== "" && seconds >= shortestSeconds && seconds <= 600) return seconds;
	throw new TypeError(
		`--seconds takes a number from ${shortestSeconds} to 600: the four plugs need that long to be seen`,
	);
}
