import fc from "fast-check";

/** Creates a frame. `lastId` is the highest request id sent so far; realistic frames have an id near `lastId`. */
type Frame = (lastId: number) => string | ArrayBuffer;

const text = fc.constantFrom(
	"heartbeat",
	"test_request",
	"subscription",
	"platform_state",
	"user.orders.any.any.raw",
	"ok",
	"",
	"toString",
	"private/buy",
	"\u0000",
);
const name = fc.constantFrom(
	...["id", "method", "params", "result", "error", "jsonrpc", "usIn", "channel", "data", "type", "__proto__", "label"],
	...["code", "message", "maintenance", "enabled", "scope", "order", "orders", "order_id", "order_state", "toJSON"],
);
const leaf = fc.oneof(text, fc.constantFrom(null, true, false, -1e300), fc.integer(), fc.string());
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		leaf,
		fc.array(tie("value"), { maxLength: 4 }),
		fc.dictionary(name, tie("value"), { maxKeys: 5 }),
	),
}));

/**
 * A frame with the members of the venue's frames. Each member is present or missing, and its value is valid or
 * arbitrary; the members are in any order.
 */
const realistic = fc
	.record(
		{
			jsonrpc: fc.constant("2.0"),
			id: fc.oneof(fc.record({ back: fc.nat(5) }), value),
			method: fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: value }),
			params: fc.oneof(fc.record({ type: text, channel: text, data: value }, { requiredKeys: [] }), value),
			result: value,
			error: fc.oneof(
				fc.record({ code: fc.nat(20_000), message: text, data: value }, { requiredKeys: ["code"] }),
				value,
			),
			usIn: leaf,
		},
		{ requiredKeys: [] },
	)
	.chain((members) => fc.shuffledSubarray(Object.entries(members), { minLength: Object.keys(members).length }));

const asText = (members: [string, unknown][], lastId: number): string => {
	const entries = members.map(([key, member]) => {
		const isBack = key === "id" && typeof member === "object" && member !== null && "back" in member;
		return [key, isBack ? lastId - Number(member.back) : member];
	});
	return JSON.stringify(Object.fromEntries(entries));
};

/**
 * Frames as a broken or hostile venue might send them: realistic frames, any JSON, truncated JSON, long strings and
 * bytes.
 */
export const frame: fc.Arbitrary<Frame> = fc.oneof(
	{ weight: 10, arbitrary: realistic.map((members) => (lastId: number) => asText(members, lastId)) },
	{
		weight: 2,
		arbitrary: fc.tuple(realistic, fc.nat(60)).map(
			([members, cut]) =>
				(lastId: number) =>
					asText(members, lastId).slice(0, -cut),
		),
	},
	{ weight: 2, arbitrary: value.map((any) => () => JSON.stringify(any) ?? "") },
	{ weight: 1, arbitrary: fc.json().map((json) => () => json) },
	{ weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }).map((any) => () => any) },
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => () => bytes.slice().buffer) },
	{
		weight: 1,
		arbitrary: fc.tuple(realistic, fc.integer({ min: 32_769, max: 60_000 })).map(
			([members, length]) =>
				(lastId: number) =>
					asText(members, lastId).padEnd(length),
		),
	},
);

/** Random frames. The same seed gives the same frames, so that a failure can be reproduced. */
export function frames(seed: number, count: number): Frame[] {
	return fc.sample(frame, { seed, numRuns: count });
}
