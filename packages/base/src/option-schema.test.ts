import { describe, expect, it } from "vitest";
import { errorName, isOptionError, OptionError, unexpectedFailure } from "./errors.ts";
import * as schema from "./option-schema.ts";
import { redact, safeCause } from "./redact.ts";

interface Options {
	url: string | URL;
	key?: string;
	retries?: number;
	timeoutMs?: number;
	mode?: "a" | "b";
	fetch?: typeof fetch;
	backoff?: { factor?: number };
	names?: readonly string[];
}

const { optional } = schema;
const all = {
	url: schema.url("wss"),
	key: optional(schema.secret(schema.nonEmptyString())),
	retries: optional(schema.integer({ min: 1, max: 3 })),
	timeoutMs: optional(schema.milliseconds()),
	mode: optional(schema.oneOf("a", "b")),
	fetch: optional(schema.func()),
	backoff: optional(schema.object<{ factor?: number }>({ factor: optional(schema.number({ min: 1 })) })),
	names: optional(schema.array(schema.string())),
} satisfies schema.OptionSchema<Options>;

// @ts-expect-error an option without a rule
void ({ url: schema.string() } satisfies schema.OptionSchema<{ url: string; more?: number }>);
// @ts-expect-error a rule without `optional` for an option that may be left out
void ({ more: schema.number() } satisfies schema.OptionSchema<{ more?: number }>);
// @ts-expect-error a rule for a value of another type
void ({ url: schema.number() } satisfies schema.OptionSchema<{ url: string }>);

function messageFor(options: unknown): string {
	try {
		schema.checkOptions<Options>("@x/p", all, options);
	} catch (error) {
		expect(isOptionError(error)).toBe(true);
		return (error as Error).message;
	}
	return "";
}

const url = "wss://host";

describe("checkOptions", () => {
	it.each<[object]>([
		[{ url }],
		[{ url: new URL("ws://localhost:1") }],
		[{ url, retries: 3, timeoutMs: 0.5, mode: "b", fetch, backoff: { factor: 1 }, names: [""], key: undefined }],
		[{ url, unknown: undefined }],
	])("checkOptions accepts the options %j", (options) => {
		expect(messageFor(options)).toBe("");
	});

	it("checkOptions names an option by its whole path, such as client.url, when the options are a member of other options", () => {
		const message = (options: unknown): string => {
			try {
				schema.checkOptions<Options>("@x/p", all, options, "client");
			} catch (error) {
				return (error as Error).message;
			}
			return "";
		};
		expect(message({ url })).toBe("");
		expect(message({ url: "" })).toBe('@x/p: option client.url must be a wss:// URL, got "".');
		expect(message({ url, backoff: { factor: 0 } })).toContain("option client.backoff.factor must be");
		expect(message("text")).toBe("@x/p: option client must be an object, got a value of type string.");
	});

	it.each<[unknown, string]>([
		[null, "@x/p: options must be an object, got null."],
		[{}, "@x/p: option url must be a wss:// URL, got a value of type undefined."],
		[{ url: "" }, '@x/p: option url must be a wss:// URL, got "".'],
		[{ url: "ws://host" }, '@x/p: option url must be a wss:// URL, got "ws://host".'],
		[{ url: "wss://me:pass@host" }, "@x/p: option url must be a wss:// URL, got a value of type string."],
		[{ url: "http://host?token=1" }, "@x/p: option url must be a wss:// URL, got a value of type string."],
		[{ url, key: 5 }, "@x/p: option key must be a non-empty string, got a value of type number."],
		[{ url, retries: 4 }, "@x/p: option retries must be an integer from 1 to 3, got 4."],
		[{ url, timeoutMs: 0 }, "@x/p: option timeoutMs must be a number of milliseconds above 0, got 0."],
		[{ url, mode: "c" }, '@x/p: option mode must be "a" or "b", got "c".'],
		[{ url, fetch: [] }, "@x/p: option fetch must be a function, got an array."],
		[{ url, backoff: { factor: 0 } }, "@x/p: option backoff.factor must be a number from 1, got 0."],
		[{ url, backoff: { facto: 0 } }, "@x/p: option backoff.facto is not known. Did you mean factor?"],
		[{ url, names: ["", 1] }, "@x/p: option names[1] must be a string, got 1."],
		[{ URl: url }, "@x/p: option URl is not known. Did you mean url?"],
		[
			{ url, toString: 1 },
			"@x/p: option toString is not known (known: url, key, retries, timeoutMs, mode, fetch, backoff, names).",
		],
	])("checkOptions refuses the options %j", (options, message) => {
		expect(messageFor(options)).toBe(message);
	});

	it("checkOptions accepts and refuses values by the rules anyOf, objectWith, url, milliseconds and boolean", () => {
		const either = schema.anyOf<unknown>(schema.string(), schema.func());
		expect([either.accepts(""), either.accepts(fetch), either.accepts(1), either.allowed]).toEqual([
			true,
			true,
			false,
			"a string or a function",
		]);
		const withMethod = schema.objectWith<{ waitMs(): number }>("waitMs");
		expect([withMethod.accepts({ waitMs: () => 1 }), withMethod.accepts({}), withMethod.accepts(null)]).toEqual([
			true,
			false,
			false,
		]);
		expect(schema.url("https", true).accepts("http://host")).toBe(true);
		expect([0, -1].map((value) => schema.milliseconds({ min: 0 }).accepts(value))).toEqual([true, false]);
		expect([schema.boolean().accepts(false), schema.boolean().accepts(0)]).toEqual([true, false]);
	});
});

it("OptionError is a TypeError with the package and the option, and isOptionError recognises it", () => {
	const error = new OptionError("@x/p", "url", "is wrong");
	expect(error).toBeInstanceOf(TypeError);
	expect(error).toMatchObject({ name: "OptionError", package: "@x/p", option: "url" });
	expect([isOptionError(error), isOptionError(new TypeError("no")), isOptionError(null)]).toEqual([true, false, false]);
});

it("unexpectedFailure shows the name of an error and not its message", () => {
	const { proxy, revoke } = Proxy.revocable({}, {});
	revoke();
	expect(unexpectedFailure("opening", new RangeError("secret"))).toBe("opening failed with an unexpected RangeError");
	expect([errorName(proxy), errorName(null), errorName("x")]).toEqual(["object", "null", "string"]);
});

it("redact removes secrets, the beginnings of secrets that are cut off, and matches of a pattern", () => {
	expect(redact("a key-long b key c", ["key", "key-long", "", undefined])).toBe("a [redacted] b [redacted] c");
	expect(redact("text secr", ["secret"], { leastTail: 4, mark: "[secret]" })).toBe("text [secret]");
	expect(redact("text sec", ["secret"], { leastTail: 4 })).toBe("text sec");
	expect(redact("sig ffff", [], { patterns: [[/f{4}/g, "[signature]"]] })).toBe("sig [signature]");
	expect(redact("x".repeat(201), [])).toBe(`${"x".repeat(200)}…`);
});

it("safeCause copies the chain of causes without secrets and stacks", () => {
	const inner = Object.assign(new RangeError("inner key"), { code: "E key" });
	const copy = safeCause(new TypeError("outer key", { cause: inner }), (text) => redact(text, ["key"]));
	expect(copy).toMatchObject({ name: "TypeError", message: "outer [redacted]" });
	expect(copy?.stack).toBeUndefined();
	expect(copy?.cause).toMatchObject({ name: "RangeError", message: "inner [redacted]", code: "E [redacted]" });
	expect(safeCause("key", (text) => text)).toBeUndefined();
});
