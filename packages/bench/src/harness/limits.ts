/** The limit of open files, which includes sockets, for this process and its children. */
function openFiles(): number {
	// A limit is a number or the string "unlimited".
	const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
	const soft = userLimits?.open_files?.soft;
	return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

/**
 * Fails early when there would not be enough sockets.
 *
 * @throws Error that says what to do.
 */
export function requireOpenFiles(needed: number, allowed = openFiles()): void {
	if (allowed >= needed) return;
	throw new Error(
		`a process may open ${allowed} files here and ${needed} sockets are needed: run "ulimit -n ${needed}" before it`,
	);
}
