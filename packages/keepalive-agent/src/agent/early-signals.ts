const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Holds back signals that come before the agent can handle them, while the thread of its sessions starts: by default they would end the
 * process without any report.
 *
 * @returns a function that stops holding signals back, and delivers the latest signal that came meanwhile.
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
