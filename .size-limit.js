/** As a user's bundler for Node would: ES modules, and what Node brings stays outside. */
const modifyEsbuildConfig = (config) => ({ ...config, format: "esm", platform: "node", target: "es2022" });
const entry = (folder, file = "index") => `packages/${folder}/dist/${file}.js`;
/** A program that imports these names, by the file that exports them. */
const program = (name, imports, limit, external = []) => ({
	name,
	import: imports,
	limit,
	gzip: true,
	modifyEsbuildConfig: (config) => ({
		...modifyEsbuildConfig(config),
		external: [...(config.external ?? []), ...external],
	}),
});
const oneName = (name, folder) =>
	program(`${name} alone: what is not imported is not bundled`, { [entry(folder)]: `{ ${name} }` }, "700 B");

const keeper = { [entry("keepalive")]: "{ keepalive }" };
const deribit = { [entry("keepalive", "venues/deribit/index")]: "{ deribit }" };
const gateway = { [entry("ibkr-session", "gateway/index")]: "{ gatewayFetch }" };
const three = {
	...keeper,
	...deribit,
	...gateway,
	[entry("keepalive", "venues/bybit/index")]: "{ bybit }",
	[entry("keepalive", "venues/ibkr/index")]: "{ ibkr }",
};

/** The budgets of the shortest programs, minified and gzipped: today's weight, rounded up, so that growth is seen. */
export default [
	program("@x/deribit-session", { [entry("deribit-session")]: "{ connectDeribit }" }, "14.2 kB"),
	program("@x/bybit-dcp", { [entry("bybit-dcp")]: "{ connectBybit, createBybitHttp }" }, "14.2 kB"),
	program(
		"@x/ibkr-session with a gateway's certificate",
		{ [entry("ibkr-session")]: "{ createIbkrHttp }", ...gateway },
		"13 kB",
	),
	program("@x/keepalive without a venue", keeper, "15.2 kB"),
	program("@x/keepalive with Deribit", { ...keeper, ...deribit }, "38.4 kB"),
	program(
		"@x/keepalive/worker, the side of the program",
		{ [entry("keepalive", "worker/index")]: "{ keepaliveInWorker }" },
		"10.8 kB",
	),
	program("@x/keepalive/leader", { [entry("keepalive", "leader/index")]: "{ leaderSession }" }, "6 kB"),
	program(
		"@x/keepalive/opentelemetry, without the API",
		{ [entry("keepalive", "opentelemetry/index")]: "{ openTelemetryTracing }" },
		"2.2 kB",
		["@opentelemetry/api"],
	),
	program("@x/keepalive with all three", three, "88.9 kB"),
	{
		name: "@x/keepalive-agent, its own code: what it installs besides stays outside",
		path: entry("keepalive-agent"),
		limit: "57.1 kB",
		gzip: true,
		modifyEsbuildConfig: (config) => ({ ...modifyEsbuildConfig(config), packages: "external" }),
	},
	oneName("isDeribitError", "deribit-session"),
	oneName("isIbkrError", "ibkr-session"),
	oneName("isBybitError", "bybit-dcp"),
	oneName("isSessionError", "keepalive"),
];
