/** A duration for a person, such as `45 s`, `2 min 5 s` or `1 h 3 min`. */
export function durationText(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1_000));
	if (seconds < 60) return `${seconds} s`;
	const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
	if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
	const left = minutes % 60;
	return left === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${left} min`;
}

/** A short duration for a person, to a tenth of a second, such as `1.5 s`. */
export function secondsText(ms: number): string {
	return `${Math.round(ms / 100) / 10} s`;
}
