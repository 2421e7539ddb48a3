import type { Edit, Planted } from "./planted.ts";

const client = (file: string) => `deribit-session/src/${file}`;
const session = (file: string) => `keepalive/src/venues/deribit/${file}`;

/** The session shows nothing as armed that its connection did not hear read back: the next beat would mend the mistake. */
const believes: Edit = {
	file: session("held.ts"),
	from: "if (this.connection.cancelOnDisconnect !== true) {",
	to: "if (this.connection.cancelOnDisconnect === false) {",
};
/** So it is with heartbeats that were not acknowledged. */
const believesHeartbeats: Edit = {
	file: session("held.ts"),
	from: "if (this.connection.heartbeatSeconds !== this.#intervalSeconds) return",
	to: "if (this.connection.heartbeatSeconds === 0) return",
};

/** Mistakes at Deribit. */
export const deribitFaults: readonly Planted[] = [
	{
		name: "deribit: forget to arm after a loss",
		file: session("session.ts"),
		from: "let said = await arm(connection, scope, limits);",
		to: "let said = this.#turn > 1 ? ({ on: true, askedAt: Date.now() } as ReadBack) : await arm(connection, scope, limits);",
		and: [believes],
	},
	{
		name: "deribit: trust the call that arms",
		file: session("proof.ts"),
		from: "return readBack(connection, scope, limits);",
		to: "return { on: true, askedAt: Date.now() };",
		and: [believes],
	},
	{
		name: "deribit: never read back again",
		file: session("session.ts"),
		from: "const proofIsOld = held.proofAgeMs >= this.#options.verifyEveryMs;",
		to: "const proofIsOld = false;",
	},
	{
		name: "deribit: armed after a loss without reading back",
		file: session("session.ts"),
		from: "let said = await arm(connection, scope, limits);",
		to: 'let said: ReadBack = { on: true, askedAt: Date.now() };\n\t\tvoid connection.request("private/enable_cancel_on_disconnect", { scope }, limits).catch(() => undefined);',
		and: [believes],
	},
	{
		name: "deribit: heartbeat not set again after a loss",
		file: session("session.ts"),
		from: 'await connection.request("public/set_heartbeat", { interval: intervalSeconds }, limits);\n\t\tlet said',
		to: 'if (this.#turn === 1) await connection.request("public/set_heartbeat", { interval: intervalSeconds }, limits);\n\t\tlet said',
		and: [believesHeartbeats],
	},
	{
		name: "deribit: milliseconds where the venue wants seconds",
		file: session("session.ts"),
		from: 'await connection.request("public/set_heartbeat", { interval: intervalSeconds }, limits);\n\t\tlet said',
		to: 'await connection.request("public/set_heartbeat", { interval: intervalSeconds * 1_000 }, limits);\n\t\tlet said',
		hidden: "the session sees that its heartbeats are not what it asked for, claims nothing, and sets them again",
	},
	{
		name: "deribit: a failed beat is swallowed",
		file: session("session.ts"),
		from: 'held.doubt();\n\t\t\tthrow toSessionError("a beat", error);',
		to: "held.doubt();",
		hidden: "the keeper's own cut-off counts it as failed",
	},
	{
		name: "deribit: revive the connection that was lost",
		file: session("session.ts"),
		from: "this.#closed = undefined;\n\t\tthis.#drop();",
		to: "this.#closed = undefined;\n\t\tif (this.#held) return this.#lease(this.#held);",
	},
	{
		name: "deribit: the old connection is not closed",
		file: session("session.ts"),
		from: "// Not waited for: on a dead line the close has no answer, and a new connection is wanted now.\n\t\tvoid held.connection.disconnect();",
		to: "",
	},
	{
		name: "deribit: retry 13004",
		file: session("disposition.ts"),
		from: "case 13004: // invalid credentials: repeated errors count against the address\n",
		to: "",
	},
	{
		name: "deribit: 10028 is retried at once",
		file: session("disposition.ts"),
		from: 'if (why === "rate-limit") return { action: "wait", forMs: rateLimitMs };',
		to: "",
		hidden: "after one wait of half a second the venue has credits again",
	},
	{
		name: "deribit: exposure without the grace",
		file: session("exposure.ts"),
		from: "return { processDeathMs: 0, networkDeathMs: Math.round((firstProbeFactor * interval + graceSeconds) * 1_000) };",
		to: "return { processDeathMs: 0, networkDeathMs: Math.round(0 * graceSeconds + 0.5 * firstProbeFactor * interval * 1_000) };",
	},
	{
		name: "deribit: a lease of twice the length",
		file: session("exposure.ts"),
		from: "return Math.min(Math.round((interval + Math.min(interval, measuredGraceSeconds)) * 1_000), silenceCutMs);",
		to: "return 3 * Math.min(Math.round((interval + Math.min(interval, measuredGraceSeconds)) * 1_000), silenceCutMs);",
	},
	{
		name: "deribit: leaving to keep orders closes without a logout",
		caughtBy: 2,
		file: session("session.ts"),
		from: "? leaveKeeping(held.connection, this.#options)",
		to: '? leaveCancelling(held.connection, this.#options).then(({ detail }) => ({ orders: "kept" as const, detail }))',
	},
	{
		name: "deribit: tokens are never renewed",
		caughtBy: 5,
		file: session("session.ts"),
		from: "if (mustRenew && held.renewals.mayTry) await this.#renew(held, signal);",
		to: "",
	},
	{
		name: "deribit: a login is signed whatever the clock says",
		caughtBy: 2,
		file: session("session.ts"),
		from: 'if (authGrant === "client_signature") await requireSigningClock(connection, limits);',
		to: "",
	},
	{
		name: "deribit: a renewal is signed whatever the clock says",
		caughtBy: 44,
		file: session("session.ts"),
		from: 'if (this.#options.authGrant === "client_signature") await requireSigningClock(held.connection, limits);',
		to: "",
	},
	{
		name: "deribit: a token's seconds are taken for milliseconds",
		caughtBy: 6,
		file: client("auth/renewal.ts"),
		from: "const lifeMs = expiresInSeconds * 1_000;",
		to: "const lifeMs = expiresInSeconds;",
	},
	{
		name: "deribit: a test_request is not answered",
		file: client("socket/rpc-connection.ts"),
		from: "this.#answerTest();\n\t\t} else",
		to: "\n\t\t} else",
		hidden: "beats come sooner than probes, and each is an answer",
	},
	{
		name: "deribit: a call is settled by any reply",
		file: client("socket/pending-calls.ts"),
		from: 'const call = typeof id === "number" ? this.#waiting.get(id) : undefined;',
		to: "const call = this.#waiting.get(Number(id)) ?? [...this.#waiting.values()][0];",
		hidden: "a reply so late that nobody waits for it has to meet another call of the same kind",
	},
];
