/** What came of something that may fail: a contestant that does is a row of the table, and no end of the run. */
export type Outcome<Value> =
	| { readonly value: Value; readonly fault?: undefined }
	| { readonly value?: undefined; readonly fault: string };

/** Does it, and gives what it gave or why it failed. */
export async function attempt<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
	try {
		return { value: await work() };
	} catch (error) {
		return { fault: reasonOf(error) };
	}
}

/** Why, in one line that can stand in a table: the error itself, out of all that a process may have said with it. */
export function reasonOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	const line = /^\s*(?:Uncaught )?(\w*Error(?: \[\w+\])?: .+)$/m.exec(text)?.[1] ?? text.trim().split("\n")[0] ?? "";
	return line.replaceAll("|", "/").slice(0, 160);
}
