const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Holds back SIGINT, SIGTERM and SIGHUP while the thread that runs the sessions starts. The agent cannot handle signals yet, and by default
 * they would end the process without any report.
 *
 * @returns a function that stops holding signals back, and delivers the latest signal that was held back.
 */
export function holdSignals(): () => void {
	let held: NodeJS.Signals | undefined;
	const hold = (signal: NodeJS.Signals): void => {
		held = signal;
	};
	for (const signal of signals) process.on(signal, hold);
	return () => {
		for (const signal of signals) process.off(signal, hold);
		if (held) process.kill(process.pid, held);
	};
}
