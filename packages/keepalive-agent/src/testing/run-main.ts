import type { Surroundings } from "../command-definition.ts";
import { main } from "../main.ts";

/** The result of a command. */
export interface Ran {
	readonly code: number;
	/** The results that the command printed. */
	readonly out: string;
	/** The progress and the errors that the command reported. */
	readonly err: string;
}

/** Runs a command in this process. */
export async function runMain(args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ran> {
	const [out, err]: [string[], string[]] = [[], []];
	const code = await main(args, {
		print: (text) => out.push(text),
		report: (text) => err.push(text),
		isTerminal: false,
		environment: {},
		interrupted: new AbortController().signal,
		...given,
	});
	return { code, out: out.join("\n"), err: err.join("\n") };
}
