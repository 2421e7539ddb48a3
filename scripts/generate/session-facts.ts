import { Ajv2020 } from "ajv/dist/2020.js";
import type { Json } from "./spec.ts";

/** The schema of `x-session`, which specs/README.md documents. */
const source = { type: "string", pattern: "^https://" };
const basis = { enum: ["documented", "measured", "inferred"] };

const operation = {
	type: "object",
	required: ["transports", "basis", "source"],
	additionalProperties: false,
	properties: {
		transports: {
			type: "array",
			minItems: 1,
			uniqueItems: true,
			items: { enum: ["http", "websocket"] },
		},
		pace: {
			type: "object",
			required: ["calls", "perSeconds", "per"],
			additionalProperties: false,
			properties: {
				calls: { type: "integer", minimum: 1 },
				perSeconds: { type: "integer", minimum: 1 },
				per: { enum: ["connection", "address", "account", "key"] },
			},
		},
		credits: { type: "integer", minimum: 1 },
		httpParameters: { type: "object", additionalProperties: { type: "array", minItems: 1 } },
		settleSeconds: { type: "integer", minimum: 1 },
		reply: { enum: ["message", "close"] },
		basis,
		source,
	},
};

const schema = {
	type: "object",
	required: ["frame", "basis", "source"],
	additionalProperties: false,
	properties: { frame: { enum: ["sent", "received"] }, basis, source },
};

const count = { type: "integer", minimum: 1 };
const pool = {
	type: "object",
	required: ["methods", "call", "pool", "perSecond"],
	additionalProperties: false,
	properties: { methods: { type: "array", items: { type: "string" } }, call: count, pool: count, perSecond: count },
};

const document = {
	type: "object",
	required: ["pools", "basis", "source"],
	additionalProperties: false,
	properties: { pools: { type: "object", additionalProperties: pool }, basis, source },
};

const ajv = new Ajv2020({ allErrors: true, strict: false });
const checks = { operation: ajv.compile(operation), schema: ajv.compile(schema), document: ajv.compile(document) };

/** Describes what is wrong with an `x-session` member; undefined when it is valid. */
export function sessionFactsProblem(value: Json | undefined, kind: keyof typeof checks): string | undefined {
	if (value === undefined) return `has no x-session member (see specs/README.md)`;
	const check = checks[kind];
	return check(value) ? undefined : `x-session: ${ajv.errorsText(check.errors, { dataVar: "x-session" })}`;
}
