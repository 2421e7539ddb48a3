import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** The size of a bundle. */
export interface BundleSize {
	readonly minified: number;
	readonly gzipped: number;
	/** Bytes of each module in the minified bundle, the heaviest first. */
	readonly modules: readonly { readonly path: string; readonly bytes: number }[];
}

/** Bundles a program as a user would and returns its size. */
export async function measureBundle(file: string): Promise<BundleSize> {
	const { outputFiles, metafile } = await build({
		entryPoints: [file],
		bundle: true,
		minify: true,
		format: "esm",
		platform: "node",
		target: "es2022",
		metafile: true,
		write: false,
		outdir: "out",
		logLevel: "silent",
	});
	const bundle = outputFiles[0]?.contents ?? new Uint8Array();
	const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
	const modules = Object.entries(inputs)
		.map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
		.sort((a, b) => b.bytes - a.bytes);
	return { minified: bundle.length, gzipped: gzipSync(bundle, { level: 9 }).length, modules };
}

/** The file of a program of `scripts/size/programs`. */
export function programFile(program: string): string {
	return join(import.meta.dirname, "../../../../scripts/size/programs", `${program}.ts`);
}
