/** The only file of this package that sets timers, so that a fake clock moves every venue. */

/** The longest delay that a timer accepts. A longer one would fire immediately. */
const longestTimerMs = 2_147_483_647;

/** Runs `action` once after `ms`. The returned function cancels it. */
export function after(ms: number, action: () => void): () => void {
	const timer = setTimeout(action, Math.min(ms, longestTimerMs));
	return () => clearTimeout(timer);
}

/** Runs `action` every `ms` until the returned function is called. */
export function every(ms: number, action: () => void): () => void {
	const timer = setInterval(action, ms);
	return () => clearInterval(timer);
}
