import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** The size of a bundle. */
export interface BundleSize {
	readonly minified: number;
	readonly gzipped: number;
	/** Bytes of each module in the minified bundle, largest first. */
	readonly modules: readonly { readonly path: string; readonly bytes: number }[];
}

/** What a program imports: the imported names, by module. */
export type Imports = Readonly<Record<string, readonly string[]>>;

/** Bundles a program with these imports, as users would, and returns the size of the bundle. */
export async function measureBundle(imports: Imports): Promise<BundleSize> {
	const lines = Object.entries(imports).map(([module, names]) => `import { ${names} } from "${module}";`);
	const program = `${lines.join("\n")}\nconsole.log(${Object.values(imports).flat()});`;
	const { outputFiles, metafile } = await build({
		stdin: { contents: program, resolveDir: import.meta.dirname },
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
