/** As a user's bundler for Node would: ES modules, and what Node brings stays outside. */
const modifyEsbuildConfig = (config) => ({ ...config, format: "esm", platform: "node", target: "es2022" });
const program = (name, file, limit) => ({
	name,
	path: `scripts/size/programs/${file}.ts`,
	limit,
	gzip: true,
	modifyEsbuildConfig,
});
const oneName = (name, folder) => ({
	name: `${name} alone: what is not imported is not bundled`,
	path: `packages/${folder}/dist/index.js`,
	import: `{ ${name} }`,
	limit: "700 B",
	gzip: true,
	modifyEsbuildConfig,
});

/** The budgets of the shortest programs, minified and gzipped: today's weight, rounded up, so that growth is seen. */
export default [
	program("@x/deribit-session, armed and read back", "deribit", "13.8 kB"),
	program("@x/bybit-dcp, queried, subscribed, pinging", "bybit", "13.9 kB"),
	program("@x/ibkr-session, a gateway's certificate, tickling", "ibkr", "12.7 kB"),
	program("@x/keepalive without a venue", "keepalive-without-venues", "13.7 kB"),
	program("@x/keepalive with Deribit", "keepalive-deribit", "36 kB"),
	program("@x/keepalive/worker, the side of the program", "keepalive-in-worker", "9.7 kB"),
	program("@x/keepalive with all three", "keepalive-three", "84.9 kB"),
	oneName("isDeribitError", "deribit-session"),
	oneName("isIbkrError", "ibkr-session"),
	oneName("isBybitError", "bybit-dcp"),
	oneName("isSessionError", "keepalive"),
];
