import { noRetryAfter } from "./keeper-mutants.ts";
import type { Mutant } from "./mutant.ts";

const client = "ibkr-session/src";
const session = "keepalive/src/venues/ibkr";

/** Mutants with mistakes in the IBKR session and client. */
export const ibkrMutants: readonly Mutant[] = [
	{
		name: "ibkr: the flag competing of a session is ignored",
		within: `${client}/session`,
		pattern: 'if ($FLAGS.competing) return "competing";',
		fix: "",
	},
	{
		name: "ibkr: every answer to a tickle except logged-out counts as a live login",
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
		name: "ibkr: init takes over a competing session although compete is false",
		within: `${session}/open.ts`,
		pattern: "client.init({ compete }, $CALL)",
		fix: "client.init({ compete: true }, $CALL)",
	},
	{
		name: "ibkr: calls are sent while the venue blocks this address (penalty box)",
		within: `${client}/http`,
		inside: "requireNotBanned",
		pattern: "if ($UNTIL === undefined) return;",
		fix: "if ($UNTIL !== -1) return;",
		and: [noRetryAfter],
	},
	{
		name: "ibkr: the client sends calls without its rate limiter",
		caughtBy: 2,
		within: `${client}/http`,
		pattern: "settings.pacing?.tryAcquire($$$ARGS)",
		fix: 'undefined as ReturnType<NonNullable<typeof settings.pacing>["tryAcquire"]> | undefined',
	},
	{
		name: "ibkr: the session validates its login without a minimum interval",
		within: `${session}/limits.ts`,
		inside: "tryValidation",
		pattern: "if ($AGE < $INTERVAL) return false;",
		fix: "",
		hidden: "the client's own rate limit holds the second one back",
	},
	{
		name: "ibkr: init is repeated without a back-off after a failure",
		within: `${session}/limits.ts`,
		pattern: "$LAST + Math.min($GROWTH, $LONGEST)",
		fix: "$LAST + 0 * $LONGEST",
	},
	{
		name: "ibkr: open() does not wait until the brokerage session is ready",
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
		name: "ibkr: a lost login counts as a fatal error",
		caughtBy: 3,
		within: `${session}/error-disposition.ts`,
		inside: "denied",
		pattern: 'if ($DENIAL.kind === "no-session") return $LOST;',
		fix: 'if ($DENIAL.kind === "no-session") return sessionError("the login is lost", { action: "fatal" });',
	},
	{
		name: "ibkr: the rejection of a validation that runs during a beat is not handled",
		caughtBy: 5,
		within: `${session}/live-session.ts`,
		inside: "#validate",
		pattern: "try { $$$BODY } catch { $$$HANDLER }",
		fix: "$$$BODY",
	},
	{
		name: "ibkr: a socket without data counts as alive for 1000 times too long",
		caughtBy: 2,
		within: `${session}/socket.ts`,
		pattern: "$NOW - $HEARD >= deadMs",
		fix: "$NOW - $HEARD >= 1_000 * deadMs",
	},
	{
		name: "ibkr: open() does not renew a lost token",
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
		name: "ibkr: the session's JWT expires a day from now instead of from its backdated time",
		within: `${client}/auth/oauth2`,
		pattern: "const exp = iat + $SECONDS;",
		fix: "const exp = iat + backdateSeconds + $SECONDS;",
	},
	{
		name: "ibkr: a tickle is sent only every seven minutes",
		within: `${session}/session.ts`,
		pattern: "{ ttlMs: $TTL, paceMs: $PACE, protection, ended }",
		fix: "{ ttlMs: 1_260_000, paceMs: 420_000, protection, ended }",
	},
];
