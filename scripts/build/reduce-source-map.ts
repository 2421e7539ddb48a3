import { decode, encode } from "@jridgewell/sourcemap-codec";

/**
 * Reduces a source map to files and lines. Columns make up three quarters of its size.
 *
 * @param map - the source map as JSON.
 */
export function linesOnly(map: string): string {
	const { mappings, ...others } = JSON.parse(map) as { mappings: string };
	const lines = decode(mappings).map((segments) =>
		segments.filter(([, source, line], at) => {
			const before = segments[at - 1];
			return before === undefined || before[1] !== source || before[2] !== line;
		}),
	);
	return JSON.stringify({ ...others, mappings: encode(lines) });
}
