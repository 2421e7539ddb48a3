import { monotonicMs } from "@x/base/clock";
import { connectDeribit, type DeribitConnection, type DeribitCredentials } from "@x/deribit-session";
import { addProblem, type Inspection, type InspectionDraft, type InspectionOptions } from "../../inspection-result.ts";
import { messageOf, toSessionError, venueCodeOf, venueCodes } from "./error-disposition.ts";
import { deribitExposure } from "./exposure.ts";
import { tryAcquireConnection } from "./limits.ts";
import { missingPermission, permissionsIn, requireSigningClock } from "./open.ts";
import {
	type DeribitSessionOptions,
	type ResolvedDeribitOptions,
	resolveDeribitOptions,
	warningsOf,
} from "./options.ts";

/**
 * Inspects an account at Deribit without changing anything: connects, logs in, reads cancel-on-disconnect, and disconnects. It sets no
 * heartbeat and subscribes to nothing. It places no orders, so the end of its connection cancels nothing.
 *
 * The login leaves `session:` out of `credentials.authScope`, because a second login with the same session name would replace the tokens
 * of a program that is running.
 *
 * @returns what was found, even if a step failed.
 * @throws OptionError for an option that is not allowed.
 */
export async function inspectDeribit(
	options: DeribitSessionOptions,
	{ signal, onStep }: InspectionOptions,
): Promise<Inspection> {
	const resolved = resolveDeribitOptions(options);
	const draft: InspectionDraft = {
		problems: [],
		warnings: [...warningsOf(resolved)],
		findings: [],
		exposure: deribitExposure(resolved),
	};
	let connection: DeribitConnection | undefined;
	try {
		tryAcquireConnection(resolved);
		onStep?.("connect");
		connection = await connectDeribit(resolved.socket, { signal });
		await look(connection, resolved, draft, { signal, ...(onStep && { onStep }) });
	} catch (error) {
		addProblem(draft, toSessionError("check failed", error));
	} finally {
		await connection?.disconnect();
	}
	return draft;
}

async function look(
	connection: DeribitConnection,
	{ credentials, isSigned, armingPermission }: ResolvedDeribitOptions,
	draft: InspectionDraft,
	{ signal, onStep }: InspectionOptions,
): Promise<void> {
	const call = { signal, fromReserve: true } as const;
	onStep?.("public/get_time");
	await readClock(connection, draft, signal);
	if (isSigned) await requireSigningClock(connection, call);
	onStep?.("public/auth");
	const { authScope } = await connection.authenticate(withoutSessionName(credentials), call);
	draft.permissions = permissionsIn(authScope).toSorted();
	if (!authScope.includes(armingPermission)) throw missingPermission(armingPermission, authScope);
	onStep?.("private/get_cancel_on_disconnect");
	const { enabled } = await connection.request("private/get_cancel_on_disconnect", { scope: "account" }, call);
	draft.findings.push({
		what: "cancel-on-disconnect of the account",
		value: enabled ? "on: new connections start armed" : "off: new connections start unarmed",
	});
}

async function readClock(connection: DeribitConnection, draft: InspectionDraft, signal: AbortSignal): Promise<void> {
	const [askedAt, startedAt] = [Date.now(), monotonicMs()];
	try {
		const venueMs = await connection.request("public/get_time", undefined, { signal, fromReserve: true });
		draft.roundTripMs = monotonicMs() - startedAt;
		draft.clockAheadMs = Math.round(askedAt + draft.roundTripMs / 2 - venueMs);
	} catch (error) {
		if (venueCodeOf(error) !== venueCodes.publicCallsDisabled) throw error;
		draft.warnings.push(`the venue's clock could not be read before the login: ${messageOf(error)}`);
	}
}

function withoutSessionName(credentials: DeribitCredentials): DeribitCredentials {
	const { authScope, ...rest } = credentials;
	const kept = authScope?.split(" ").filter((token) => token !== "" && !token.startsWith("session:"));
	// The cast is safe: removing a member from each alternative of a union type and adding it again gives the same union type.
	return (kept?.length ? { ...rest, authScope: kept.join(" ") } : rest) as DeribitCredentials;
}
