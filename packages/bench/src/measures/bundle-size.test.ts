import { describe, expect, it } from "vitest";
import { measureBundle, programFile } from "./bundle-size.ts";

describe("a bundle", () => {
	const clients = ["deribit-session", "ibkr-session", "bybit-dcp"];
	it.each([
		["keepalive-without-venues", []],
		["deribit", ["deribit-session"]],
		["bybit", ["bybit-dcp"]],
		["ibkr", ["ibkr-session"]],
		["keepalive-deribit", ["deribit-session"]],
	])("of the program %s contains the clients %j and no other", async (program, imported) => {
		const { modules, gzipped } = await measureBundle(programFile(program));
		expect(gzipped).toBeGreaterThan(1_000);
		const bundled = clients.filter((client) =>
			modules.some(({ path, bytes }) => bytes > 0 && path.includes(`/${client}/`)),
		);
		expect(bundled).toEqual(imported);
	});
});
