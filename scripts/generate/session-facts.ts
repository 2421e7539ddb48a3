import type { Oas3Rule } from "@redocly/openapi-core/lib/visitors.js";
import type { UserContext } from "@redocly/openapi-core/lib/walk.js";
import { Ajv2020 } from "ajv/dist/2020.js";

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

/** Whether a document describes an API of this product, not a venue's. */
export function isOwn(document: object): boolean {
	return "x-own" in document && document["x-own"] === true;
}

/** Redocly's rule: every `x-session` member is valid, and each operation of a venue has one. */
export const sessionFacts: Oas3Rule = () => {
	let isVenue = true;
	const check = (node: object, kind: keyof typeof checks, { report, location }: UserContext): void => {
		const matches = checks[kind];
		if (!("x-session" in node)) report({ message: "has no x-session member (see specs/README.md)" });
		else if (!matches(node["x-session"])) {
			const message = `x-session: ${ajv.errorsText(matches.errors, { dataVar: "x-session" })}`;
			report({ message, location: location.child("x-session") });
		}
	};
	return {
		Root: (document, context) => {
			isVenue = !isOwn(document);
			if ("x-session" in document) check(document, "document", context);
		},
		Operation: (operation, context) => {
			if (isVenue) check(operation, "operation", context);
		},
		Schema: (schema, context) => {
			if ("x-session" in schema) check(schema, "schema", context);
		},
	};
};
