import type { Oas3Rule } from "@redocly/openapi-core/lib/visitors.js";
import type { UserContext } from "@redocly/openapi-core/lib/walk.js";
import { Ajv2020 } from "ajv/dist/2020.js";

/** The following constants are the parts of the schema of `x-session`, which specs/README.md documents. */
const source = { type: "string", pattern: "^https://" };
const basis = { enum: ["documented", "measured", "inferred"] };

const count = { type: "integer", minimum: 1 };

/** The schema of an object with these members and no others. */
const objectOf = (required: readonly string[], properties: object) => ({
	type: "object",
	required,
	additionalProperties: false,
	properties,
});

const operation = objectOf(["transports", "basis", "source"], {
	transports: { type: "array", minItems: 1, uniqueItems: true, items: { enum: ["http", "websocket"] } },
	pace: objectOf(["calls", "perSeconds", "per"], {
		calls: count,
		perSeconds: count,
		per: { enum: ["connection", "address", "account", "key"] },
	}),
	credits: count,
	httpParameters: { type: "object", additionalProperties: { type: "array", minItems: 1 } },
	settleSeconds: count,
	reply: { enum: ["message", "close"] },
	basis,
	source,
});

const schema = objectOf(["frame", "basis", "source"], { frame: { enum: ["sent", "received"] }, basis, source });

const pool = objectOf(["methods", "call", "pool", "perSecond"], {
	methods: { type: "array", items: { type: "string" } },
	call: count,
	pool: count,
	perSecond: count,
});

const document = objectOf(["pools", "basis", "source"], {
	pools: { type: "object", additionalProperties: pool },
	basis,
	source,
});

const ajv = new Ajv2020({ allErrors: true, strict: false });
const checks = { operation: ajv.compile(operation), schema: ajv.compile(schema), document: ajv.compile(document) };

/** Whether a document describes an API of this product and not the API of a venue. */
export function isOwn(document: object): boolean {
	return "x-own" in document && document["x-own"] === true;
}

/** A rule for Redocly: every `x-session` member must be valid, and each operation of a venue must have one. */
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
