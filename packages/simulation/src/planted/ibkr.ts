import { noSilence } from "./core.ts";
import type { Planted } from "./planted.ts";

const client = (file: string) => `ibkr-session/src/${file}`;
const session = (file: string) => `keepalive/src/venues/ibkr/${file}`;

/** Mistakes at Interactive Brokers. */
export const ibkrFaults: readonly Planted[] = [
	{
		name: "ibkr: ignore competing",
		file: client("session/brokerage.ts"),
		from: 'if (flags.competing) return "competing";',
		to: "",
	},
	{
		name: "ibkr: any answer to a tickle is life",
		caughtBy: 6,
		file: session("open.ts"),
		from: 'if (outcome.kind !== "live") throw deadOrUnclear(outcome, settings);',
		to: 'if (outcome.kind === "no-brokerage") throw deadOrUnclear(outcome, settings);',
	},
	{
		name: "ibkr: take over although it was to yield",
		file: session("brokerage.ts"),
		from: "return client.init({ compete }, signal)",
		to: "return client.init({ compete: true }, signal)",
	},
	{
		name: "ibkr: the penalty box is ignored",
		file: client("http/exchange.ts"),
		from: "if (until === undefined) return;\n",
		to: "if (until !== -1) return;\n",
		and: [noSilence],
	},
	{
		name: "ibkr: calls keep no pace",
		caughtBy: 2,
		file: client("http/exchange.ts"),
		from: "const turn = settings.pacing?.take(call, settings.callTimeoutMs / 2);",
		to: 'const turn = undefined as ReturnType<NonNullable<typeof settings.pacing>["take"]> | undefined;',
	},
	{
		name: "ibkr: validate whenever asked",
		file: session("memory.ts"),
		from: "if (monotonicMs() - this.#validatedAt < gapMs) return false;",
		to: "",
		hidden: "the client's own pacing holds the second one back",
	},
	{
		name: "ibkr: init without a wait after a failure",
		file: session("limits.ts"),
		from: "return last + Math.min(this.#firstMs * 2 ** Math.min(step - 1, 20), longestWaitMs);",
		to: "return last + 0 * longestWaitMs;",
	},
	{
		name: "ibkr: open before it is ready",
		file: session("open.ts"),
		from: 'await awaitReady(opening, reopened ? "loading" : state);\n\tawait firstTurn(opening);\n\tconst provedAt = monotonicMs();\n\tconst session = keyIn(await findLogin(opening), settings);',
		to: "const provedAt = monotonicMs();\n\tconst session = undefined;",
	},
	{
		name: "ibkr: a login that is gone is fatal",
		caughtBy: 3,
		file: session("disposition.ts"),
		from: "const denied = because ===",
		to: 'if (what) return said(what, { action: "fatal" });\n\tconst denied = because ===',
	},
	{
		name: "ibkr: a validation beside the beat that fails is nobody's",
		caughtBy: 5,
		file: session("life.ts"),
		from: "} catch {\n\t\t\t// A login that is gone ended",
		to: "} finally {\n\t\t\t// A login that is gone ended",
	},
	{
		name: "ibkr: a socket that fell silent counts",
		caughtBy: 2,
		file: session("socket-watch.ts"),
		from: "if (now - heardAt >= deadMs) return",
		to: "if (now - heardAt >= 1_000 * deadMs) return",
	},
	{
		name: "ibkr: a token that is gone is not made again",
		caughtBy: 2,
		file: session("open.ts"),
		from: "await renew(opening, settings.renew, because);",
		to: "",
	},
	{
		name: "ibkr: a new token is asked for with every call",
		caughtBy: 29,
		file: client("oauth/renewing.ts"),
		from: "if (monotonicMs() >= this.#notBefore) {",
		to: "if (monotonicMs() >= this.#notBefore || this.#failure) {",
	},
	{
		name: "ibkr: a session of a day by a clock that is ahead",
		file: client("oauth/bearer.ts"),
		from: "exp: iat + sessionSeconds,",
		to: "exp: iat + backSeconds + sessionSeconds,",
	},
	{
		name: "ibkr: a tickle every seven minutes",
		file: session("session.ts"),
		from: "return { ttlMs: this.#settings.ttlMs, paceMs: this.#settings.tickleMs, protection, ended };",
		to: "return { ttlMs: 1_260_000, paceMs: 420_000, protection, ended };",
	},
];
