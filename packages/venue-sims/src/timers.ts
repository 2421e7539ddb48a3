/** This is the only file of this package that sets timers, so that a fake clock controls every simulated venue. */

/** The longest delay that a timer accepts. A timer with a longer delay would fire at once. */
const longestTimerMs = 2_147_483_647;

/** Runs `action` once after `ms`. The returned function cancels the timer. */
export function after(ms: number, action: () => void): () => void {
	const timer = setTimeout(action, Math.min(ms, longestTimerMs));
	return () => clearTimeout(timer);
}

/** Runs `action` every `ms` until the returned function is called. */
export function every(ms: number, action: () => void): () => void {
	const timer = setInterval(action, ms);
	return () => clearInterval(timer);
}
