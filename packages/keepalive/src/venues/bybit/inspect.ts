import { type BybitDcpInfo, connectBybit, createBybitHttp } from "@x/bybit-dcp";
import { addProblem, type Inspection, type InspectionDraft, type InspectionOptions } from "../../inspection-result.ts";
import { classicAccount, derivativesCoverage, notEnabled } from "./dcp-configuration.ts";
import { toSessionError } from "./error-disposition.ts";
import { bybitExposure, warningsOf } from "./exposure.ts";
import { connectionLimitOf, tryAcquireConnection } from "./limits.ts";
import {
	type BybitSessionOptions,
	httpOptionsOf,
	type ResolvedBybitOptions,
	resolveBybitOptions,
	socketOptionsOf,
} from "./options.ts";

/**
 * Inspects an account at Bybit without changing anything: reads the clock, the account mode and the configuration of Disconnection
 * Protect, then logs in on a private connection and pings it. It sets no cancel window. It subscribes to nothing, because the venue
 * cancels orders when a subscribed connection is closed.
 *
 * These calls do not list the permissions of the API key. But they need read permission, so a result without problems shows that the key
 * has it.
 *
 * @returns what was found, even if a step failed.
 * @throws OptionError for an option that is not allowed.
 */
export async function inspectBybit(
	options: BybitSessionOptions,
	{ signal, onStep }: InspectionOptions,
): Promise<Inspection> {
	const resolved = resolveBybitOptions(options);
	const { processDeathMs, networkDeathMs } = bybitExposure(resolved);
	const draft: InspectionDraft = {
		problems: [],
		warnings: [...warningsOf(resolved)],
		findings: [],
		exposure: { processDeathMs, networkDeathMs },
	};
	const http = createBybitHttp(httpOptionsOf(options, resolved));
	try {
		onStep?.("GET /v5/market/time");
		draft.roundTripMs = (await http.serverTime({ signal })).roundTripMs;
		if (http.skew) draft.clockAheadMs = Math.round(http.skew.aheadMs);
		onStep?.("GET /v5/account/info");
		const mode = await http.accountMode({ signal });
		draft.findings.push({ what: "account", value: mode });
		onStep?.("GET /v5/account/query-dcp-info");
		judge(await http.queryDcp({ signal }), resolved, derivativesCoverage(mode), draft);
		if (mode === "classic") addProblem(draft, classicAccount());
		const { limiter, host } = connectionLimitOf(options, resolved);
		tryAcquireConnection(limiter, host);
		onStep?.("connect and log in, without subscribing");
		const socket = await connectBybit(socketOptionsOf(options, resolved, http.serverNow), { signal });
		try {
			onStep?.("ping");
			await socket.ping({ signal });
		} finally {
			await socket.close();
		}
	} catch (error) {
		addProblem(draft, toSessionError(error));
	}
	return draft;
}

function judge(
	infos: readonly BybitDcpInfo[],
	{ products, windowSeconds }: ResolvedBybitOptions,
	derivatives: string,
	draft: InspectionDraft,
): void {
	const missing = products.filter((product) => !infos.some((info) => info.product === product && info.enabled));
	for (const product of products) {
		const info = infos.find((each) => each.product === product);
		const covered = product === "DERIVATIVES" ? derivatives : product;
		const value = info?.enabled ? `enabled, window ${info.windowSeconds} s` : "not enabled";
		draft.findings.push({ what: `Disconnection Protect of ${covered}`, value });
		if (info?.enabled && info.windowSeconds !== windowSeconds) {
			draft.warnings.push(
				`the cancel window of ${product} is ${info.windowSeconds} s: a session will set it to ${windowSeconds} s`,
			);
		}
	}
	if (missing.length > 0) addProblem(draft, notEnabled(missing));
}
