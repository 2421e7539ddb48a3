import { noRetryAfter } from "./core.ts";
import type { Mutant } from "./mutant.ts";

const client = "bybit-dcp/src";
const session = "keepalive/src/venues/bybit";

/** Mistakes in the Bybit session and client. */
export const bybitMutants: readonly Mutant[] = [
	{
		name: "bybit: answer a 10002 with a wider window",
		caughtBy: 1,
		within: `${client}/http`,
		pattern: "clock.refused($$$ARGS);",
		fix: "Object.assign(clock, { widerMs: 2_500 });",
		and: [
			{
				within: `${client}/http`,
				pattern: "String(recvWindowMs)",
				fix: "String(recvWindowMs + (Object(clock).widerMs ?? 0))",
			},
		],
	},
	{
		name: "bybit: a wrong estimate of the venue's clock is kept",
		within: `${client}/http`,
		pattern: "clock.forget()",
		fix: "undefined",
		hidden: "refused HTTP calls correct it too, some attempts later",
	},
	{
		name: "bybit: trust the call that sets the window",
		within: `${session}/proof.ts`,
		inside: "establish",
		pattern: "await this.#set(reading, signal);",
		fix: 'await this.#set(reading, signal);\n\t\t\tthis.#reading = { state: "equal" };\n\t\t\tthis.#askedAt = monotonicMs();\n\t\t\tthis.#verifiedAt = Date.now();\n\t\t\tthis.#hasEverProved = true;\n\t\t\tif (round) return;',
	},
	{
		name: "bybit: never read the configuration again",
		within: `${session}/proof.ts`,
		inside: "protection",
		pattern: '$READING?.state === "equal" && $AGE < $LIMIT',
		fix: '$READING?.state === "equal"',
	},
	{
		name: "bybit: a product that is not in the list counts as enabled",
		within: `${session}/configuration.ts`,
		pattern: "products.filter((_, index) => !$ASKED[index]?.enabled)",
		fix: "products.slice(0, 0)",
	},
	{
		name: "bybit: forget the product",
		within: `${client}/http`,
		pattern: "const $BODY = { product, timeWindow: $SECONDS };",
		fix: "const $BODY = { timeWindow: $SECONDS };",
	},
	{
		name: "bybit: milliseconds where the venue wants seconds",
		within: `${client}/http`,
		pattern: "const $BODY = { product, timeWindow: $SECONDS };",
		fix: "const $BODY = { product, timeWindow: $SECONDS * 1_000 };",
	},
	{
		name: "bybit: connected without subscribing",
		within: `${session}/open.ts`,
		pattern: "for (const product of $PRODUCTS) { await $SUBSCRIBE; }",
		fix: "",
	},
	{
		name: "bybit: only the first product is subscribed",
		within: `${session}/open.ts`,
		pattern: "for (const product of $PRODUCTS) { await $SUBSCRIBE; }",
		fix: "for (const product of $PRODUCTS.slice(0, 1)) { await $SUBSCRIBE; }",
	},
	{
		name: "bybit: the last of several topics is not subscribed again",
		caughtBy: "keepalive/src/venues/bybit/topics.test.ts",
		within: `${session}/topics.ts`,
		pattern: "for (const product of $PRODUCTS) { $$$BODY }",
		fix: "for (const product of $PRODUCTS.slice(0, Math.max(1, $PRODUCTS.length - 1))) { $$$BODY }",
	},
	{
		name: "bybit: a close that was seen late counts from then on",
		caughtBy: "keepalive/src/venues/bybit/losses.test.ts",
		within: `${session}/losses.ts`,
		pattern: 'isSeenLate ? "silent" : how',
		fix: "how",
	},
	{
		name: "bybit: armed before the orders were read",
		caughtBy: "keepalive/src/venues/bybit/recovery.test.ts",
		within: `${session}/session.ts`,
		inside: "notArmedReason",
		pattern: "$OTHERS ?? this.#orders.unreadReason",
		fix: "$OTHERS",
	},
	{
		name: "bybit: a refused subscription counts",
		caughtBy: 12,
		within: `${client}/socket`,
		pattern: "if ($REPLY.success) return { topic, already: false };",
		fix: "if ([true, false].includes($REPLY.success)) return { topic, already: false };",
	},
	{
		name: "bybit: a ping that is not awaited",
		within: `${session}/ping.ts`,
		pattern: "try { await socket.ping($$$ARGS); return $SENT; } catch ($ERROR) { $$$HANDLER }",
		fix: "void socket.ping($$$ARGS).catch(() => undefined);\n\treturn $SENT;",
	},
	{
		name: "bybit: calls go on during a ban",
		within: `${session}/limits.ts`,
		inside: "run",
		pattern: "if (waitMs > 0) throw $ERROR;",
		fix: "",
		and: [noRetryAfter],
	},
	{
		name: "bybit: the idle limit is not requested",
		within: client,
		pattern: '$URL.searchParams.set("max_active_time", $VALUE)',
		fix: '$URL.searchParams.set("max_idle_time", $VALUE)',
	},
	{
		name: "bybit: exposure is the window alone",
		within: `${session}/exposure.ts`,
		pattern: "$IDLE + $SCAN + $WINDOW + deliveryMs",
		fix: "$WINDOW + 0 * $IDLE + deliveryMs",
	},
	{
		name: "bybit: leaving promises a cancel at once",
		caughtBy: 3,
		within: `${session}/leave.ts`,
		pattern: "$ACKNOWLEDGED ? $STALE + $WINDOW * 1_000 + deliveryMs : $OTHER",
		fix: "$ACKNOWLEDGED ? 0 * $WINDOW : $OTHER",
	},
	{
		name: "bybit: leaving says that orders are kept",
		caughtBy: 5,
		within: `${session}/leave.ts`,
		pattern: 'if (orders === "keep") { $$$BODY return { orders: "refused", detail }; }',
		fix: 'if (orders === "keep") { $$$BODY\n\t\treturn { orders: "kept", detail }; }',
	},
	{
		name: "bybit: a rejection that nothing handles",
		within: `${client}/socket`,
		pattern: "$WORK.catch(() => ({ acknowledged: false }))",
		fix: "$WORK",
	},
	{
		name: "bybit: the connection before is not closed",
		within: `${session}/session.ts`,
		pattern: "void $EARLIER?.socket.close();",
		inside: "open",
		fix: "",
	},
];
