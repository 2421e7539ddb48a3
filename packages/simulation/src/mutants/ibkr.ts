import { noRetryAfter } from "./core.ts";
import type { Mutant } from "./mutant.ts";

const client = "ibkr-session/src";
const session = "keepalive/src/venues/ibkr";

/** Mutants with mistakes in the IBKR session and client. */
export const ibkrMutants: readonly Mutant[] = [
	{
		name: "ibkr: ignore competing",
		within: `${client}/session`,
		pattern: 'if ($FLAGS.competing) return "competing";',
		fix: "",
	},
	{
		name: "ibkr: any answer to a tickle is life",
		caughtBy: 6,
		within: `${session}/error-disposition.ts`,
		inside: "denialIn",
		pattern: "switch ($KIND) { $$$CASES }",
		fix: 'if (String($KIND) !== "logged-out") return undefined;\n\tswitch ($KIND) { $$$CASES }',
		and: [
			{
				within: `${session}/login-proof.ts`,
				inside: "requireLive",
				pattern: "switch ($KIND) { $$$CASES }",
				fix: 'if (String($KIND) !== "live") return undefined;\n\tswitch ($KIND) { $$$CASES }',
			},
		],
	},
	{
		name: "ibkr: take over although it was to yield",
		within: `${session}/open.ts`,
		pattern: "client.init({ compete }, $CALL)",
		fix: "client.init({ compete: true }, $CALL)",
	},
	{
		name: "ibkr: the penalty box is ignored",
		within: `${client}/http`,
		inside: "requireNotBanned",
		pattern: "if ($UNTIL === undefined) return;",
		fix: "if ($UNTIL !== -1) return;",
		and: [noRetryAfter],
	},
	{
		name: "ibkr: calls ignore the rate limit",
		caughtBy: 2,
		within: `${client}/http`,
		pattern: "settings.pacing?.tryAcquire($$$ARGS)",
		fix: 'undefined as ReturnType<NonNullable<typeof settings.pacing>["tryAcquire"]> | undefined',
	},
	{
		name: "ibkr: validate whenever asked",
		within: `${session}/limits.ts`,
		inside: "tryValidation",
		pattern: "if ($AGE < $INTERVAL) return false;",
		fix: "",
		hidden: "the client's own rate limit holds the second one back",
	},
	{
		name: "ibkr: init without a wait after a failure",
		within: `${session}/limits.ts`,
		pattern: "$LAST + Math.min($GROWTH, $LONGEST)",
		fix: "$LAST + 0 * $LONGEST",
	},
	{
		name: "ibkr: open before it is ready",
		within: `${session}/open.ts`,
		inside: "openOnce",
		pattern: "let accounts = await untilReady($$$ARGS);",
		fix: "let accounts = { accounts: { reveal: () => [] } } as unknown as LoginAccounts;",
		and: [
			{
				within: `${session}/open.ts`,
				inside: "openOnce",
				pattern: "requireLive($TICKLE, $SETTINGS)",
				fix: "undefined as IbkrHidden<string> | undefined",
			},
		],
	},
	{
		name: "ibkr: a login that is gone is fatal",
		caughtBy: 3,
		within: `${session}/error-disposition.ts`,
		inside: "denied",
		pattern: 'if ($DENIAL.kind === "no-session") return $LOST;',
		fix: 'if ($DENIAL.kind === "no-session") return sessionError("the login is lost", { action: "fatal" });',
	},
	{
		name: "ibkr: the rejection of a failed validation beside the beat is not handled",
		caughtBy: 5,
		within: `${session}/live-session.ts`,
		inside: "#validate",
		pattern: "try { $$$BODY } catch { $$$HANDLER }",
		fix: "$$$BODY",
	},
	{
		name: "ibkr: a socket that fell silent counts",
		caughtBy: 2,
		within: `${session}/socket.ts`,
		pattern: "$NOW - $HEARD >= deadMs",
		fix: "$NOW - $HEARD >= 1_000 * deadMs",
	},
	{
		name: "ibkr: a lost token is not renewed",
		caughtBy: 2,
		within: `${session}/open.ts`,
		inside: "openBrokerage",
		pattern: "await renewToken($$$ARGS);",
		fix: "",
	},
	{
		name: "ibkr: a new token is requested with every call",
		caughtBy: 29,
		within: `${client}/auth/oauth2`,
		pattern: "if (monotonicMs() >= $NEXT) { $$$BODY }",
		fix: "if (monotonicMs() >= $NEXT || monotonicMs() > -1e15) { $$$BODY }",
	},
	{
		name: "ibkr: a session of a day by a clock that is ahead",
		within: `${client}/auth/oauth2`,
		pattern: "const exp = iat + $SECONDS;",
		fix: "const exp = iat + backdateSeconds + $SECONDS;",
	},
	{
		name: "ibkr: a tickle every seven minutes",
		within: `${session}/session.ts`,
		pattern: "{ ttlMs: $TTL, paceMs: $PACE, protection, ended }",
		fix: "{ ttlMs: 1_260_000, paceMs: 420_000, protection, ended }",
	},
];
