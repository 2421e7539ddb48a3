/** The one place of this package that sets timers and reads clocks, so that a fake clock moves all of it. */

/** Runs `action` once after `ms`; the returned function prevents it. */
export function after(ms: number, action: () => void): () => void {
	const timer = setTimeout(action, ms);
	return () => clearTimeout(timer);
}

/** Milliseconds on a clock that never steps. Only differences mean something. */
export function monotonicMs(): number {
	return performance.now();
}
