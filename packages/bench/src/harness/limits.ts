/** How many files this process and its children may have open; a socket is one. */
function openFiles(): number {
	// A report's limits are numbers or the word "unlimited".
	const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
	const soft = userLimits?.open_files?.soft;
	return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

/**
 * Refuses to start what would run out of sockets in the middle.
 *
 * @throws Error that says what to do.
 */
export function requireOpenFiles(needed: number, allowed = openFiles()): void {
	if (allowed >= needed) return;
	throw new Error(
		`a process may open ${allowed} files here and ${needed} sockets are needed: run "ulimit -n ${needed}" before it`,
	);
}
