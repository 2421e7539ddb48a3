/**
 * A result, or the error text of a compared program that failed. A program that failed is shown in the table with its error, and the run
 * continues.
 */
export type Outcome<Value> =
	| { readonly value: Value; readonly fault?: undefined }
	| { readonly value?: undefined; readonly fault: string };

/** Runs work and returns its result or error. */
export async function attempt<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
	try {
		return { value: await work() };
	} catch (error) {
		return { fault: reasonOf(error) };
	}
}

/** The error in one line of at most 160 characters. Other output of the process is left out. */
export function reasonOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	const line = /^\s*(?:Uncaught )?(\w*Error(?: \[\w+\])?: .+)$/m.exec(text)?.[1] ?? text.trim().split("\n")[0] ?? "";
	return line.replaceAll("|", "/").slice(0, 160);
}
