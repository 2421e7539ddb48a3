import { describe, expect, it } from "vitest";
import { methodKind } from "./method-kind.ts";
import { readQuery } from "./parse-query-string.ts";
import { maxRequestBytes, readRequest, withId } from "./rpc.ts";

describe("a request from a bot", () => {
	it.each([
		["no JSON", "{", 11050],
		["nothing", "", 11050],
		["a list", '[{"method":"public/test"}]', 11050],
		["no method", '{"id":1}', 11050],
		["an id that is an object", '{"id":{},"method":"public/test"}', -32600],
		["a member that is there twice", '{"method":"public/test","method":"private/buy"}', -32600],
		["a member that is there twice, once escaped", '{"method":"public/test","m\\u0065thod":"private/buy"}', -32600],
		["a parameter name with escapes", '{"id":1,"method":"private/buy","params":{"access_tok\\u0065n":"x"}}', -32602],
		["parameters that are a list", '{"id":1,"method":"public/test","params":[1]}', -32602],
		["a parameter that is there twice", '{"id":1,"method":"private/buy","params":{"amount":1,"amount":2}}', -32602],
		["an access token that is no string", '{"id":1,"method":"private/buy","params":{"access_token":1}}', -32602],
		["more than 32 kB", `{"id":1,"method":"x","params":{"a":"${"x".repeat(maxRequestBytes)}"}}`, -32600],
		["over 32 kB in two-byte letters", `{"method":"x","params":{"a":"${"é".repeat(maxRequestBytes / 2)}"}}`, -32600],
	])("readRequest refuses a request that has: %s", (_, text, code) => {
		expect(readRequest(text)).toMatchObject({ error: { code } });
	});

	it.each(["x", "é", "€"])("readRequest accepts maxRequestBytes bytes, but not one more: letter %s", (letter) => {
		const around = '{"method":"x","params":{"a":""}}';
		const letters = letter.repeat(Math.floor((maxRequestBytes - around.length) / Buffer.byteLength(letter)));
		const short = around.replace('""', `"${letters}"`);
		const longest = short + " ".repeat(maxRequestBytes - Buffer.byteLength(short));
		expect(readRequest(longest)).toMatchObject({ method: "x", params: { a: letters } });
		expect(readRequest(`${longest} `)).toMatchObject({ error: { code: -32600 } });
	});

	it("readRequest keeps the parameters exactly as they were written, but removes the access token", () => {
		const params = '{ "price": 1.10, "access_token" : "t", "big":123456789012345678901, "list":[ 1e-7 ] }';
		expect(readRequest(`{"id":"a","method":"/private/buy","params":${params}}`)).toMatchObject({
			idText: '"a"',
			method: "private/buy",
			accessToken: "t",
			paramsText: '{"price": 1.10,"big":123456789012345678901,"list":[ 1e-7 ]}',
		});
	});

	it("readQuery returns a number for each parameter that is a number at Deribit, spelled exactly as in the query string", () => {
		const query = new URLSearchParams(
			'instrument_name=BTC-PERPETUAL&amount=10.0&price=1e5&label=123&order_id=456&post_only=true&channels=["a"]&currency=[x',
		);
		expect(readQuery("private/buy", query)).toMatchObject({
			idText: undefined,
			paramsText:
				'{"instrument_name":"BTC-PERPETUAL","amount":10.0,"price":1e5,"label":"123","order_id":"456","post_only":true,"channels":["a"],"currency":"[x"}',
		});
	});
});

describe("the venue's reply", () => {
	it.each([
		[
			'{"jsonrpc":"2.0","id":5,"result":1.0}',
			'{"jsonrpc":"2.0","id":"x","result":1.0}',
			'{"jsonrpc":"2.0","result":1.0}',
		],
		[
			'{"result":{"id":5},"id":5,"jsonrpc":"2.0"}',
			'{"result":{"id":5},"id":"x","jsonrpc":"2.0"}',
			'{"result":{"id":5},"jsonrpc":"2.0"}',
		],
		['{"result":1}', '{"result":1}', '{"result":1}'],
	])("withId gives the reply %s the id of the request, or none if the request had none", (reply, withText, without) => {
		expect(withId(reply, '"x"')).toBe(withText);
		expect(withId(reply, undefined)).toBe(without);
	});
});

it("methodKind knows each method of Deribit, and treats an unknown private method as an order", () => {
	const kinds = {
		local: ["public/auth", "public/set_heartbeat", "public/disable_heartbeat", "private/subscribe", "private/logout"],
		refused: [
			"private/disable_cancel_on_disconnect",
			"public/exchange_token",
			"public/fork_token",
			"private/list_api_keys",
			"private/create_api_key",
			"private/remove_api_key",
			"private/change_scope_in_api_key",
			"private/edit_api_key",
		],
		read: [
			"public/test",
			"public/hello",
			"public/get_time",
			"private/get_open_orders",
			"private/pme/simulate",
			"private/list_custody_accounts",
		],
		cancel: [
			"private/cancel",
			"private/cancel_all",
			"private/cancel_by_label",
			"private/cancel_quotes",
			"private/cancel_block_rfq",
		],
		order: [
			"private/buy",
			"private/sell",
			"private/edit",
			"private/edit_by_label",
			"private/mass_quote",
			"private/close_position",
			"private/execute_block_trade",
			"private/create_combo",
			"private/withdraw",
			"private/reset_mmp",
			"private/something_new",
			"private/getrich",
		],
		unknown: [
			"private/Disable_cancel_on_disconnect",
			"PRIVATE/logout",
			"private//logout",
			"private/logout/",
			"private/logout ",
			"/private/logout",
			"logout",
			"",
		],
	};
	for (const [kind, methods] of Object.entries(kinds)) {
		for (const method of methods) expect([method, methodKind(method)]).toEqual([method, kind]);
	}
});
