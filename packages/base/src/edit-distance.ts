/**
 * Whether one text can be turned into the other by at most `edits` edits. An edit inserts, removes or replaces one character. The
 * run time triples with each additional edit that is allowed.
 */
export function isNear(a: string, b: string, edits: number): boolean {
	if (a === b || edits < 0) return edits >= 0;
	const [restA, restB] = [a.slice(1), b.slice(1)];
	if (a[0] === b[0]) return isNear(restA, restB, edits);
	return isNear(restA, b, edits - 1) || isNear(a, restB, edits - 1) || isNear(restA, restB, edits - 1);
}
