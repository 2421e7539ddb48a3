import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { tidy } from "../../../../scripts/build/reachable-files.ts";
import { bytesIn } from "../../../../scripts/test-install/test-project.ts";
import { repository } from "../../../../scripts/testing/run-command.ts";
import { peersFolder } from "../harness/compared-libraries.ts";
import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";
import { type Imports, measureBundle } from "./bundle-size.ts";

interface Footprint {
	readonly packages: number;
	readonly bytes: number;
}

/** The folders and sizes of all packages that an install brings. They are found by following the dependencies in the manifests. */
function closure(root: string, name: string, found = new Map<string, number>()): Map<string, number> {
	let at = root;
	while (!existsSync(join(at, "node_modules", name))) {
		if (dirname(at) === at) return found; // An optional dependency for another platform is not installed.
		at = dirname(at);
	}
	const folder = join(at, "node_modules", name);
	if (found.has(folder)) return found;
	// The cast is safe: npm requires this format of a manifest.
	const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
		dependencies?: Record<string, string>;
	};
	const nested = existsSync(join(folder, "node_modules")) ? bytesIn(join(folder, "node_modules")) : 0;
	found.set(folder, bytesIn(folder) - nested);
	for (const dependency of Object.keys(manifest.dependencies ?? {})) closure(folder, dependency, found);
	return found;
}

const footprintOf = (found: Map<string, number>): Footprint => ({
	packages: found.size,
	bytes: [...found.values()].reduce((sum, bytes) => sum + bytes, 0),
});

/** The size of one of our packages and its dependencies after an install from the registry. */
function ours(name: string): Footprint {
	const cwd = join(repository, "packages", name);
	tidy(cwd);
	const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json"], { cwd, encoding: "utf8", timeout: 60_000 });
	// The cast is safe: `npm pack --json` prints this format.
	const packed = Object.values(JSON.parse(stdout) as Record<string, { unpackedSize: number }>)[0];
	// The cast is safe: npm requires this format of a manifest.
	const { dependencies = {} } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8")) as {
		dependencies?: Record<string, string>;
	};
	const found = new Map<string, number>();
	for (const dependency of Object.keys(dependencies)) closure(cwd, dependency, found);
	const { packages, bytes } = footprintOf(found);
	return { packages: packages + 1, bytes: bytes + (packed?.unpackedSize ?? Number.NaN) };
}

const peerPrograms: Readonly<Record<string, string>> = {
	"bybit-api": `import { WebsocketClient, RestClientV5 } from "bybit-api";
const rest = new RestClientV5({ key: "k", secret: "s" });
rest.setDisconnectCancelAllWindowV2?.({ product: "DERIVATIVES", timeWindow: 10 });
new WebsocketClient({ key: "k", secret: "s" }).subscribeV5(["dcp.future"], "linear");`,
	"ibkr-client": `const { IbkrHttp } = require("ibkr-client");
const client = new IbkrHttp("localhost:5000");
client.init().then(() => setInterval(() => client.request({ path: "tickle", method: "POST" }), 60000));`,
	ccxt: `import ccxt from "ccxt";
new ccxt.pro.bybit({ apiKey: "k", secret: "s" }).watchOrders();`,
};

async function peerBundle(name: string): Promise<number> {
	const contents = peerPrograms[name] ?? "";
	const { outputFiles } = await build({
		stdin: { contents, resolveDir: peersFolder, loader: "js" },
		bundle: true,
		minify: true,
		platform: "node",
		target: "es2022",
		write: false,
		logLevel: "silent",
		external: ["protobufjs", "protobufjs/*"],
	});
	return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

interface Peer extends Footprint {
	/** Size in bytes of the bundle of the shortest program that keeps a session alive, minified and gzipped. */
	readonly bundle: number;
}

async function measurePeer(name: string): Promise<Peer> {
	const installed = footprintOf(closure(peersFolder, name));
	if (installed.packages === 0) throw new Error(`${name} is not installed`);
	return { ...installed, bundle: await peerBundle(name) };
}

/**
 * Our clients: the name of each, the imports of the shortest program that keeps a session alive, and the target for an install (at most
 * this many kilobytes).
 */
const clients: readonly (readonly [name: string, imports: Imports, maxKb: number])[] = [
	["deribit-session", { "@x/deribit-session": ["connectDeribit"] }, 200],
	["bybit-dcp", { "@x/bybit-dcp": ["connectBybit", "createBybitHttp"] }, 200],
	["ibkr-session", { "@x/ibkr-session": ["createIbkrHttp"], "@x/ibkr-session/gateway": ["gatewayFetch"] }, 260],
];

/** Compares the sizes of installs and bundles. */
export const footprint: Measure = {
	id: "footprint",
	about:
		"Packages and bytes that an install brings, dependencies included; and the shortest program that keeps one session " +
		"alive, bundled by esbuild, minified and gzipped.",
	boundMs: 120_000,
	async run() {
		const peers = new Map<string, Outcome<Peer>>();
		for (const name of Object.keys(peerPrograms)) peers.set(name, await attempt(() => measurePeer(name)));
		const verdicts: Verdict[] = [];
		for (const [name, imports, maxKb] of clients) {
			const installed = ours(name);
			const { gzipped } = await measureBundle(imports);
			const line = (measure: string, figure: number, what: keyof Peer, unit: string, atMost?: number): Verdict => {
				const divisor = unit === "kB" ? 1_000 : 1;
				const words = (value: number): string => `${shown(value / divisor)} ${unit}`.trim();
				const others = [...peers].map(([peer, { value }]) => `${peer}: ${value ? words(value[what]) : "failed"}`);
				return {
					measure: `${measure}, @x/${name}`,
					ours: words(figure),
					against: others.join(", "),
					figure: figure / divisor,
					target: atMost === undefined ? undefined : { atMost },
					unit,
				};
			};
			verdicts.push(
				line("packages installed", installed.packages, "packages", "", 1),
				line("installed", installed.bytes, "bytes", "kB", maxKb),
				// This row has no target, because .size-limit.js sets the limits of the bundle sizes.
				line("min + gzip", gzipped, "bundle", "kB"),
			);
		}
		return verdicts;
	},
};
