import type { Edit, Mutant } from "./mutant.ts";

const client = "deribit-session/src";
const session = "keepalive/src/venues/deribit";

/**
 * An edit that makes the session believe that its connection is armed. Without this edit, the session's next beat would correct the
 * mistake of the mutant.
 */
const believesArmed: Edit = {
	within: `${session}/protection-proof.ts`,
	pattern: "this.connection.cancelOnDisconnect !== true",
	fix: "this.connection.cancelOnDisconnect === false",
};
/** An edit that makes the session believe that it has set its heartbeat interval at the venue. */
const believesHeartbeats: Edit = {
	within: `${session}/protection-proof.ts`,
	pattern: "this.connection.heartbeatSeconds !== $INTERVAL",
	fix: "this.connection.heartbeatSeconds === 0",
};
const armsInOpen = {
	within: `${session}/open.ts`,
	pattern: "await arm(connection, $SCOPE, $CALL, $LOGGER, $ON_READ_BACK)",
};
const setsHeartbeatInOpen = {
	within: `${session}/open.ts`,
	pattern:
		'await makeCall("public/set_heartbeat", () => connection.request("public/set_heartbeat", { interval: $INTERVAL }, $CALL));',
};
const checksSigningClock = "$IS_SIGNED ? withCheckedClock($$$ARGS) : $LOGIN()";

/** Mutants with mistakes in the Deribit session and client. */
export const deribitMutants: readonly Mutant[] = [
	{
		name: "deribit: cancel-on-disconnect is not enabled again after a loss",
		...armsInOpen,
		fix: "context.lost.previous.length > 0 || context.lost.pending.length > 0 ? ({ isArmed: true, askedAt: Date.now() } as const) : await arm(connection, $SCOPE, $CALL, $LOGGER, $ON_READ_BACK)",
		and: [believesArmed],
	},
	{
		name: "deribit: arming does not read back whether cancel-on-disconnect is enabled",
		within: `${session}/protection-proof.ts`,
		inside: "arm",
		pattern: "return readBack($$$ARGS);",
		fix: "return { isArmed: true, askedAt: Date.now() };",
		and: [believesArmed],
	},
	{
		name: "deribit: the protection is not read back again while the session is alive",
		within: `${session}/renew-and-read-back.ts`,
		inside: "startUpkeep",
		pattern: "mustRenew || $ARMED.isReadBackDue($LIMIT)",
		fix: "mustRenew",
	},
	{
		name: "deribit: open() enables cancel-on-disconnect without reading it back",
		...armsInOpen,
		fix: '((await connection.request("private/enable_cancel_on_disconnect", { scope: $SCOPE }, $CALL)) && { isArmed: true, askedAt: Date.now() }) as Awaited<ReturnType<typeof arm>>',
		and: [believesArmed],
	},
	{
		name: "deribit: the heartbeat is not set again after a loss",
		...setsHeartbeatInOpen,
		fix: 'if (context.lost.previous.length + context.lost.pending.length === 0) await connection.request("public/set_heartbeat", { interval: $INTERVAL }, $CALL);',
		and: [believesHeartbeats],
	},
	{
		name: "deribit: the heartbeat interval is sent in milliseconds instead of seconds",
		...setsHeartbeatInOpen,
		fix: 'await connection.request("public/set_heartbeat", { interval: $INTERVAL * 1_000 }, $CALL);',
		hidden: "the session sees that its heartbeats are not what it asked for, claims nothing, and sets them again",
	},
	{
		name: "deribit: the error of a failed beat is ignored",
		within: `${session}/session.ts`,
		inside: "#proveAlive",
		pattern: "throw this.#pace.apply($$$ARGS);",
		fix: "",
	},
	{
		name: "deribit: open() returns the lost connection instead of opening a new one",
		within: `${session}/session.ts`,
		inside: "open",
		pattern: "this.#dropConnection();",
		fix: "if (this.#armed) return this.#lease(this.#armed);",
	},
	{
		name: "deribit: open() does not close the previous connection",
		within: `${session}/session.ts`,
		inside: "#dropConnection",
		pattern: "void $ARMED.connection.disconnect();",
		fix: "",
	},
	{
		name: "deribit: a login with wrong credentials (13004) is retried",
		within: `${session}/error-disposition.ts`,
		inside: "afterRefusal",
		pattern: "switch ($CODE) { $$$CASES }",
		fix: 'if ($CODE === 13004) return { action: "retry" };\n\tswitch ($CODE) { $$$CASES }',
	},
	{
		name: "deribit: a call that the rate limit refused (10028) is retried at once",
		within: `${session}/error-disposition.ts`,
		pattern: 'if ($WHY === "rate-limit") return $WAIT;',
		fix: "",
		hidden: "after one wait of half a second the venue has credits again",
	},
	{
		name: "deribit: the stated exposure is half of the heartbeat time, without the grace",
		within: `${session}/exposure.ts`,
		pattern: "($FACTOR * $INTERVAL + $GRACE) * 1_000",
		fix: "0 * $GRACE + 0.5 * $FACTOR * $INTERVAL * 1_000",
	},
	{
		name: "deribit: the TTL of the lease is three times too long",
		within: `${session}/exposure.ts`,
		inside: "deribitTtlMs",
		pattern: "return Math.min($$$ARGS);",
		fix: "return 3 * Math.min($$$ARGS);",
	},
	{
		name: "deribit: close() with orders to keep disconnects without a logout, so they are cancelled",
		caughtBy: 2,
		within: `${session}/session.ts`,
		inside: "#close",
		pattern: "closeKeepingOrders($CONNECTION, $OPTIONS, $LOGGER)",
		fix: 'closeCancellingOrders($CONNECTION, $OPTIONS, $LOGGER).then(({ detail }) => ({ orders: "kept" as const, detail }))',
	},
	{
		name: "deribit: access tokens are never renewed",
		caughtBy: 5,
		within: `${session}/renew-and-read-back.ts`,
		inside: "startUpkeep",
		pattern: "if ($CONDITION) await renew($$$ARGS);",
		fix: "",
	},
	{
		name: "deribit: a signed login does not check this machine's clock against the venue's",
		caughtBy: 2,
		within: `${session}/open.ts`,
		pattern: checksSigningClock,
		fix: "$LOGIN()",
	},
	{
		name: "deribit: a signed renewal does not check this machine's clock against the venue's",
		caughtBy: "keepalive/src/venues/deribit/session.test.ts",
		within: `${session}/renew-and-read-back.ts`,
		pattern: checksSigningClock,
		fix: "$LOGIN()",
	},
	{
		name: "deribit: the lifetime of a token is read as milliseconds instead of seconds",
		caughtBy: 6,
		within: `${client}/auth`,
		pattern: "expiresInSeconds * 1_000",
		fix: "expiresInSeconds",
	},
	{
		name: "deribit: a test_request is not answered",
		within: `${client}/socket`,
		pattern: 'if ($FRAME.kind === "test-request") { $$$ANSWER } else $REST',
		fix: 'if ($FRAME.kind === "test-request") {} else $REST',
		hidden: "beats come sooner than probes, and each is an answer",
	},
	{
		name: "deribit: a reply with an unknown id settles the oldest waiting call",
		within: `${client}/socket`,
		pattern: 'typeof id === "number" ? this.$WAITING.get(id) : undefined',
		fix: "this.$WAITING.get(Number(id)) ?? [...this.$WAITING.values()][0]",
		hidden: "a reply so late that nothing waits for it has to meet another call of the same kind",
	},
	{
		name: "deribit: the age of a ping counts from its pong instead of from its sending",
		caughtBy: "keepalive/src/venues/deribit/proof-ages.test.ts",
		within: `${session}/ping.ts`,
		pattern: "this.#answered = sent;",
		fix: "this.#answered = instantNow(Date.now);",
	},
	{
		name: "deribit: a missing pong is noticed only after 20 s",
		within: `${session}/ping.ts`,
		inside: "prove",
		pattern: "if (ageMs < this.$LIMIT) return this.#reportWhenTooOld();",
		fix: "if (ageMs < 20_000) return this.#reportWhenTooOld();",
		and: [
			{ within: `${session}/ping.ts`, pattern: "$LIMIT + beatToleranceMs", fix: "$LIMIT + 20_000 + beatToleranceMs" },
		],
	},
	{
		name: "deribit: a connection without pongs is given up without a check over a new one",
		caughtBy: "keepalive/src/venues/deribit/silent-connection.test.ts",
		within: `${session}/give-up-dead-connection.ts`,
		inside: "giveUpIfDead",
		pattern: "if (!(await isAnsweredOverNewConnection($$$ARGS))) return;",
		fix: "",
	},
	{
		name: "deribit: a pong that arrives after pongTimeoutMs is ignored",
		caughtBy: "keepalive/src/venues/deribit/silent-connection.test.ts",
		within: `${session}/ping.ts`,
		inside: "#ping",
		pattern: "{ fromReserve: true, timeoutMs: $MS }",
		fix: "{ fromReserve: true, timeoutMs: this.#settings.pongTimeoutMs }",
	},
	{
		name: "deribit: reopening a lost session waits for the general back-off",
		caughtBy: "keepalive/src/venues/deribit/silent-connection.test.ts",
		within: `${session}/limits.ts`,
		inside: "apply",
		pattern: "reworded($$$ARGS)",
		fix: "error",
	},
	{
		name: "deribit: the age of a read-back counts from its answer instead of from its request",
		caughtBy: "keepalive/src/venues/deribit/proof-ages.test.ts",
		within: `${session}/protection-proof.ts`,
		inside: "readBack",
		pattern: "return { isArmed: true, askedAt };",
		fix: "return { isArmed: true, askedAt: Date.now() };",
	},
	{
		name: "deribit: hosts that differ only in the port share one connection limit",
		caughtBy: "keepalive/src/venues/deribit/limits.test.ts",
		within: `${session}/options.ts`,
		pattern: "new URL($URL).host",
		fix: "new URL($URL).hostname",
	},
];
