import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checks as bybit } from "../../packages/bybit-dcp/src/generated/check.ts";
import { checks as deribit } from "../../packages/deribit-session/src/generated/check.ts";
import { checks as ibkr } from "../../packages/ibkr-session/src/generated/check.ts";
import { repository } from "../testing/run-command.ts";
import { asObject, type Json, type JsonObject, type Spec } from "./read-spec.ts";
import { checksSource } from "./reply-checks.ts";
import { rulesOf } from "./rules-from-schemas.ts";

const clients = [
	["deribit-session", deribit],
	["ibkr-session", ibkr],
	["bybit-dcp", bybit],
] as const;

/** Values that replace a part of an example: one of every type, and edge cases that a careless check would accept. */
const odd: Json[] = [
	null,
	true,
	false,
	0,
	-1,
	1,
	1.5,
	1e21,
	"",
	"ok",
	"2.0",
	"0",
	[],
	[0],
	[null],
	["a"],
	{},
	{ a: 1 },
];

/** Yields variants of the value. In each variant, one part is replaced, removed or added. */
function* mutants(value: Json): Generator<Json> {
	yield* odd;
	if (value === null || typeof value !== "object") return;
	if (Array.isArray(value)) {
		for (const [index, item] of value.entries()) {
			for (const other of mutants(item)) yield value.with(index, other);
		}
		return;
	}
	yield { ...value, unforeseen: 1 };
	for (const [name, item] of Object.entries(value)) {
		const { [name]: _, ...rest } = value;
		yield rest;
		for (const other of mutants(item)) yield { ...value, [name]: other };
	}
}

function follow(document: JsonObject, object: JsonObject): JsonObject {
	if (typeof object["$ref"] !== "string") return object;
	const keys = object["$ref"].replace(/^#\//, "").split("/");
	return keys.reduce((at, key) => asObject(at[key]), document);
}

/** Examples of frames for which the spec has no example. */
const shown: Readonly<Record<string, Json[]>> = {
	HeartbeatFrame: [{ jsonrpc: "2.0", method: "heartbeat", params: { type: "test_request" } }],
	SubscriptionFrame: [{ jsonrpc: "2.0", method: "subscription", params: { channel: "a", data: [1], label: "b" } }],
};

interface Judged {
	schema: Json;
	/** The examples that the spec has for this schema. */
	examples: Json[];
}

/** Returns the schema that a check implements, and its examples in the spec. */
function judgedBy(document: JsonObject, key: string): Judged {
	const [method = "", path = "", status = ""] = key.split(" ");
	if (path === "") {
		const schema = asObject(asObject(asObject(document["components"])["schemas"])[key]);
		const examples = schema["examples"] ?? schema["example"] ?? shown[key] ?? [];
		return { schema: { $ref: `#/components/schemas/${key}` }, examples: [examples].flat() };
	}
	const operation = asObject(asObject(asObject(document["paths"])[path])[method.toLowerCase()]);
	const response = follow(document, asObject(asObject(operation["responses"])[status]));
	const media = asObject(asObject(response["content"])["application/json"]);
	const examples = Object.values(asObject(media["examples"])).map((example) => asObject(example)["value"] ?? null);
	return {
		schema: media["schema"] ?? true,
		examples: [...examples, ...("example" in media ? [media["example"]] : [])],
	};
}

/** Makes the references in a schema point into the whole document, which ajv knows by the name `spec`. */
function led(schema: Json): Json {
	return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"spec#/')) as Json;
}

describe.each(clients)("the generated checks of %s", (name, checks) => {
	const document = parse(readFileSync(join(repository, "specs", `${name}.yaml`), "utf8")) as JsonObject;
	const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false, unicodeRegExp: false });
	ajv.addSchema(document, "spec");

	it.each(Object.keys(checks))("the check %s accepts what ajv accepts, and reports the same first error", (key) => {
		const { schema, examples } = judgedBy(document, key);
		const judge = ajv.compile(asObject(led(schema)));
		const check = asObject(checks as unknown as JsonObject)[key] as unknown as (typeof deribit)["ReplyFrame"];
		let fitting = 0;
		for (const example of [...examples, {}]) {
			for (const value of [example, ...mutants(example)]) {
				const fits = judge(value);
				if (fits) fitting += 1;
				const said = `${key} of ${JSON.stringify(value)}`;
				expect(check(value), said).toBe(fits);
				const { instancePath, message } = judge.errors?.[0] ?? {};
				expect(check.errors ?? null, said).toEqual(fits ? null : [{ instancePath, message }]);
			}
		}
		// At least one value must have been accepted. Otherwise the test would only have compared rejections.
		expect(fitting).toBeGreaterThan(0);
	});
});

/** Schemas that together use every rule function. The test checks them with values that fit and values that do not. */
const forms: JsonObject = {
	Any: { anyOf: [{ type: "string" }, { type: "integer", enum: [2, 3] }] },
	All: { allOf: [{ type: "string" }, { enum: ["a", "ok", 0] }] },
	Constant: { const: "2.0" },
	List: { type: ["array", "null"], items: { type: "integer", enum: [0] } },
	Members: {
		type: "object",
		required: ["a"],
		properties: { a: { enum: [0, 1] }, b: { $ref: "#/components/schemas/Any" } },
	},
};

describe("the rule functions of the reply checks", () => {
	const folder = mkdtempSync(join(tmpdir(), "checks-"));
	// The link lets the generated code import @x/base.
	symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	it("the rule functions of the reply checks accept and reject the same values as ajv", async () => {
		const components = { schemas: forms };
		const operations = Object.keys(forms).map((name) => {
			const media = { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
			return { path: `/${name}`, method: "get", value: { responses: { "200": { content: media } } } };
		});
		const file = join(folder, "check.ts");
		writeFileSync(file, checksSource({ file: "forms.yaml", operations, document: { components } }));
		const { checks } = (await import(file)) as { checks: Record<string, (typeof deribit)["ReplyFrame"]> };
		const ajv = new Ajv({ strict: false });
		ajv.addSchema({ components }, "spec");
		for (const name of Object.keys(forms)) {
			const judge = ajv.compile({ $ref: `spec#/components/schemas/${name}` });
			const values = [2, 3, 4, -2, 1.6, 0.5, "A", [0, 1], { a: 1, b: 2 }, { a: 1, b: 4 }, { a: 2 }, { a: 0, b: "c" }];
			for (const value of [...odd, ...values]) {
				expect(checks[`GET /${name} 200`]?.(value), `${name} of ${JSON.stringify(value)}`).toBe(judge(value));
			}
		}
	});
});

describe("rulesOf", () => {
	const spec = (schemas: JsonObject): Spec => ({
		file: "x.yaml",
		operations: [],
		document: { components: { schemas } },
	});

	it("rulesOf throws for a keyword that the checks do not implement", () => {
		expect(() => rulesOf(spec({})).expression({ type: "string", maxLength: 3 })).toThrow("the keyword maxLength");
	});

	it("rulesOf throws for a recursive schema", () => {
		const rules = rulesOf(spec({ Tree: { type: "array", items: { $ref: "#/components/schemas/Tree" } } }));
		expect(() => rules.expression({ $ref: "#/components/schemas/Tree" })).toThrow("the schema Tree is recursive");
	});
});

it("the generated checks reject 1e999 (Infinity in JavaScript), although ajv accepts it as an integer", () => {
	const reply = JSON.parse('{"jsonrpc":"2.0","result":1e999}') as unknown;
	expect(deribit["GET /public/get_time 200"](reply)).toBe(false);
});
