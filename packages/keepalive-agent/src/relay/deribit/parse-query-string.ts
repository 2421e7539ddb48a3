import { type RpcRequest, type Unreadable, withParams } from "./rpc.ts";

/**
 * The parameters that Deribit takes as numbers. They are listed because a query string has no types. Any other parameter is a text, true or
 * false, a list or an object.
 */
const numbers: ReadonlySet<string> = new Set([
	"amount",
	"contracts",
	"price",
	"trigger_price",
	"trigger_offset",
	"trigger_fill_condition_price",
	"max_show",
	"display_amount",
	"refresh_amount",
	"valid_until",
	"timestamp",
	"start_timestamp",
	"end_timestamp",
	"start_seq",
	"end_seq",
	"count",
	"offset",
	"depth",
	"interval",
	"subject_id",
	"subaccount_id",
	"from_subaccount_id",
	"to_subaccount_id",
	"instrument_id",
	"quantity_limit",
	"delta_limit",
	"vega_limit",
	"frozen_time",
	"max_quote_quantity",
	"advanced_price",
]);
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Reads the query of a GET request. Numbers keep the spelling that they have in the query. */
export function readQuery(method: string, query: URLSearchParams): RpcRequest | Unreadable {
	const members: string[] = [];
	for (const [name, value] of query) members.push(`${JSON.stringify(name)}:${valueText(name, value)}`);
	const paramsText = `{${members.join(",")}}`;
	// The cast is safe: `paramsText` was built as an object above.
	return withParams(undefined, method, JSON.parse(paramsText) as Record<string, unknown>, paramsText);
}

function valueText(name: string, value: string): string {
	if (numbers.has(name) && jsonNumber.test(value)) return value;
	if ((value === "true" || value === "false") && name !== "label") return value;
	return isList(value) ? value : JSON.stringify(value);
}

function isList(value: string): boolean {
	if (!/^[[{]/.test(value)) return false;
	try {
		JSON.parse(value);
		return true;
	} catch {
		return false;
	}
}
