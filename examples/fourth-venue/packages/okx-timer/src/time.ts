/** The one place of this package that sets timers, so that a fake clock moves them all. */

/** A signal that aborts when the caller's does, or after `ms`. `done` clears the timer. */
export function deadline(ms: number, caller?: AbortSignal): { signal: AbortSignal; done(): void } {
	const late = new AbortController();
	const timer = setTimeout(() => late.abort(new Error(`no answer within ${ms} ms`)), ms);
	const signal = caller ? AbortSignal.any([late.signal, caller]) : late.signal;
	return { signal, done: () => clearTimeout(timer) };
}
