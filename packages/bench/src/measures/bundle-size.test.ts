import { describe, expect, it } from "vitest";
import { measureBundle } from "./bundle-size.ts";

describe("the bundle of a program", () => {
	const clients = ["deribit-session", "ibkr-session", "bybit-dcp"];
	const keeper = { "@x/keepalive": ["keepalive"] };
	it.each([
		[keeper, []],
		[{ "@x/deribit-session": ["connectDeribit"] }, ["deribit-session"]],
		[{ "@x/bybit-dcp": ["connectBybit", "createBybitHttp"] }, ["bybit-dcp"]],
		[{ "@x/ibkr-session": ["createIbkrHttp"], "@x/ibkr-session/gateway": ["gatewayFetch"] }, ["ibkr-session"]],
		[{ ...keeper, "@x/keepalive/deribit": ["deribit"] }, ["deribit-session"]],
	])("the bundle of a program that imports %j contains only the clients %j", async (imports, imported) => {
		const { modules, gzipped } = await measureBundle(imports);
		expect(gzipped).toBeGreaterThan(1_000);
		const bundled = clients.filter((client) =>
			modules.some(({ path, bytes }) => bytes > 0 && path.includes(`/${client}/`)),
		);
		expect(bundled).toEqual(imported);
	});
});
