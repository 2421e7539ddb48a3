/**
 * Makes a clock that never goes back, and that counts the time for which the machine was suspended.
 *
 * @returns {() => number} a function that returns the milliseconds since the clock was made.
 */
export function makeClock(monotonic = () => performance.now(), wall = () => Date.now()) {
	let elapsed = 0;
	let lastMonotonic = monotonic();
	let lastWall = wall();
	return () => {
		const [nextMonotonic, nextWall] = [monotonic(), wall()];
		elapsed += Math.max(nextMonotonic - lastMonotonic, nextWall - lastWall, 0);
		lastMonotonic = nextMonotonic;
		lastWall = nextWall;
		return elapsed;
	};
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>} resolves after `ms` milliseconds, or earlier when the signal aborts.
 */
export function sleep(ms, signal) {
	return new Promise((resolve) => {
		const end = () => {
			clearTimeout(timer);
			signal.removeEventListener("abort", end);
			resolve();
		};
		const timer = setTimeout(end, ms);
		signal.addEventListener("abort", end);
		if (signal.aborted) end();
	});
}
