/** The limit of open files, sockets included, for this process and its children. */
function openFiles(): number {
	// The cast is safe: Node.js documents each limit as a number or the string "unlimited".
	const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
	const soft = userLimits?.open_files?.soft;
	return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

/**
 * Throws before a measure starts if this process may not open as many sockets as the measure needs.
 *
 * @throws Error that names the command that raises the limit.
 */
export function requireOpenFiles(needed: number, allowed = openFiles()): void {
	if (allowed >= needed) return;
	throw new Error(
		`a process may open ${allowed} files here, but ${needed} sockets are needed: run "ulimit -n ${needed}" first`,
	);
}
