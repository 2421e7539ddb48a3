import { expect, it } from "vitest";
import { jsonShape } from "./json-shape.ts";

const equal = (one: string, other: string): boolean =>
	JSON.stringify(jsonShape(one, ["error"])) === JSON.stringify(jsonShape(other, ["error"]));

it.each([
	['{"a":1,"b":"x"}', '{"a":2,"b":"y"}', true],
	['{"a":1,"b":2}', '{"b":2,"a":1}', false],
	['{"a":1}', '{"a":"1"}', false],
	['{"a":null}', '{"a":"x"}', false],
	['{"a":true}', '{"a":false}', false],
	['{"a":[{"b":1}]}', '{"a":[{"b":2},{"b":3}]}', true],
	['{"a":[]}', '{"a":[1]}', false],
	['{"error":"id: 1, error: x"}', '{"error":"id: 23, error: x"}', true],
	['{"error":"x"}', '{"error":"y"}', false],
	["Access Denied", "Access Denied", true],
	["Access Denied", "not authenticated", false],
	["", "", true],
])("the result of jsonShape for %s equals its result for %s: %s", (one, other, isSame) => {
	expect(equal(one, other)).toBe(isSame);
});
