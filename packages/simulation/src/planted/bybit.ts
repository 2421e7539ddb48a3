import { noSilence } from "./core.ts";
import type { Planted } from "./planted.ts";

const client = (file: string) => `bybit-dcp/src/${file}`;
const session = (file: string) => `keepalive/src/venues/bybit/${file}`;

/** Mistakes at Bybit. */
export const bybitFaults: readonly Planted[] = [
	{
		name: "bybit: answer a 10002 with a wider window",
		file: client("http/exchange.ts"),
		from: "if (outsideWindow) clock.refused(skewIn(retMsg), sentAt, receivedAt);",
		to: "if (outsideWindow) Object.assign(clock, { widerMs: 2_500 });",
		and: [
			{
				file: client("http/exchange.ts"),
				from: "const window = String(recvWindowMs);",
				to: "const window = String(recvWindowMs + (Object(clock).widerMs ?? 0));",
			},
		],
	},
	{
		name: "bybit: a wrong estimate of the venue's clock is kept",
		file: client("http/http.ts"),
		from: "forgetSkew: () => clock.forget(),",
		to: "forgetSkew: () => undefined,",
		hidden: "what HTTP is refused corrects it too, some attempts later",
	},
	{
		name: "bybit: trust the call that sets the window",
		file: session("proof.ts"),
		from: "await this.#set(reading, signal);\n",
		to: 'await this.#set(reading, signal);\n\t\t\tthis.#reading = { state: "equal" };\n\t\t\tthis.#askedAt = monotonicMs();\n\t\t\tthis.#verifiedAt = Date.now();\n\t\t\tthis.held = true;\n\t\t\tif (round) return;\n',
	},
	{
		name: "bybit: never read the configuration again",
		file: session("proof.ts"),
		from: 'if (this.#reading?.state === "equal" && this.#ageMs() < verifyEveryMs) return this.#armed();',
		to: 'if (this.#reading?.state === "equal") return this.#armed();',
	},
	{
		name: "bybit: a product that is not in the list counts as enabled",
		file: session("reading.ts"),
		from: "const absent = products.filter((_, index) => !asked[index]?.enabled);",
		to: "const absent: Product[] = [];",
	},
	{
		name: "bybit: forget the product",
		file: client("http/http.ts"),
		from: "const body = { product, timeWindow: windowSeconds };",
		to: "const body = { timeWindow: windowSeconds };",
	},
	{
		name: "bybit: milliseconds where the venue wants seconds",
		file: client("http/http.ts"),
		from: "const body = { product, timeWindow: windowSeconds };",
		to: "const body = { product: window.product, timeWindow: windowSeconds * 1_000 };",
	},
	{
		name: "bybit: connected without subscribing",
		file: session("open.ts"),
		from: "for (const product of resolved.products) await socket.subscribeDcp(product, signal);",
		to: "",
	},
	{
		name: "bybit: only the first product is subscribed",
		file: session("open.ts"),
		from: "for (const product of resolved.products) await",
		to: "for (const product of resolved.products.slice(0, 1)) await",
	},
	{
		name: "bybit: a refused subscription counts",
		caughtBy: 12,
		file: client("socket/socket-connection.ts"),
		from: "if (reply.success) return { topic, already: false };",
		to: "if (reply) return { topic, already: false };",
	},
	{
		name: "bybit: a ping that nobody waits for",
		file: session("patient-ping.ts"),
		from: "try {\n\t\tawait socket.ping(signal, pongTimeoutMs);\n\t\treturn sent;",
		to: "try {\n\t\tvoid socket.ping(signal, pongTimeoutMs).catch(() => undefined);\n\t\treturn sent;",
	},
	{
		name: "bybit: calls go on during a ban",
		file: session("limits.ts"),
		from: "if (silentMs > 0) throw",
		to: "if (silentMs > 1e12) throw",
		and: [noSilence],
	},
	{
		name: "bybit: the idle limit is not asked for",
		file: client("options.ts"),
		from: 'url.searchParams.set("max_active_time", `',
		to: 'url.searchParams.set("max_idle_time", `',
	},
	{
		name: "bybit: exposure is the window alone",
		file: session("exposure.ts"),
		from: "const networkDeathMs = (maxActiveTimeSeconds + idleScanSeconds + windowSeconds) * 1_000;",
		to: "const networkDeathMs = windowSeconds * 1_000 + 0 * maxActiveTimeSeconds;",
	},
	{
		name: "bybit: leaving promises a cancel at once",
		caughtBy: 3,
		file: session("leave.ts"),
		from: "const withinMs = left.acknowledged ? left.ghostMs + windowSeconds * 1_000 :",
		to: "const withinMs = left.acknowledged ? 0 * windowSeconds :",
	},
	{
		name: "bybit: leaving says that orders are kept",
		caughtBy: 5,
		file: session("leave.ts"),
		from: 'return { orders: "refused", detail };\n\t}\n\tif (configuration.state === "unread")',
		to: 'return { orders: "kept", detail };\n\t}\n\tif (configuration.state === "unread")',
	},
	{
		name: "bybit: a rejection that nobody handles",
		file: client("socket/socket-connection.ts"),
		from: "return withDeadline(this.#options.closeTimeoutMs, undefined, attempt, () => promise).catch(() => ({\n\t\t\tacknowledged: false,\n\t\t}));",
		to: "return withDeadline(this.#options.closeTimeoutMs, undefined, attempt, () => promise);",
	},
	{
		name: "bybit: the connection before is not closed",
		file: session("session.ts"),
		from: "void earlier?.socket.close();",
		to: "",
	},
];
