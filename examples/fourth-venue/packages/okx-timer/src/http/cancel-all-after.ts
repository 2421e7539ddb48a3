import { withDeadline } from "@x/base/clock";
import { anyOf, checkOptions, integer, milliseconds, objectWith, oneOf, optional } from "@x/base/option-schema";
import { signedHeaders } from "../auth/sign.ts";
import { OkxError, packageName } from "../errors.ts";
import { postApiV5TradeCancelAllAfter200 as check } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import { checkOkxTimerOptions, type OkxTimerOptions, okxDefaults } from "../options.ts";

/** The countdown, as the venue's reply describes it. */
export interface OkxCountdown {
	/** When the venue cancels the orders, in epoch milliseconds of the venue's clock; undefined when the countdown is stopped. */
	readonly triggerAt: number | undefined;
}

/** Options of one call. */
export interface OkxCallOptions {
	/** Aborts the call. */
	readonly signal?: AbortSignal;
	/** The deadline of this call, in milliseconds. Default: the option `callTimeoutMs`. */
	readonly timeoutMs?: number;
}

const path = "/api/v5/trade/cancel-all-after";
const call = `POST ${path}`;

/**
 * Restarts the countdown, or stops it.
 *
 * @param seconds - 10 to 120, or 0 to stop it.
 * @throws OkxError, OptionError.
 * @see https://www.okx.com/docs-v5/en/
 */
export async function cancelAllAfter(
	options: OkxTimerOptions,
	seconds: number,
	{ signal, timeoutMs }: OkxCallOptions = {},
): Promise<OkxCountdown> {
	checkOkxTimerOptions(options);
	const given = { seconds, signal, timeoutMs };
	checkOptions<{ seconds: number } & OkxCallOptions>(packageName, schema(), given);
	const ms = timeoutMs ?? options.callTimeoutMs ?? okxDefaults.callTimeoutMs;
	const onTimeout = () => new OkxError("timeout", `no reply within ${ms} ms`, { call });
	const onAbort = () => new OkxError("aborted", "aborted by its caller", { call });
	const { status, body } = await withDeadline({ ms, signal, onTimeout, onAbort }, (cut) => send(options, seconds, cut));
	if (!check(body)) {
		const { instancePath, message } = check.errors?.[0] ?? {};
		throw new OkxError("reply", `the reply does not match the spec: ${instancePath || "/"} ${message}`, {
			call,
			status,
		});
	}
	// The cast is safe: the generated check comes from the same schema as this type.
	const { code, data } = body as components["schemas"]["CountdownReply"];
	if (code !== "0") throw new OkxError("venue", `refused with code ${code}`, { call, status, venueCode: code });
	const triggerAt = Number(data[0]?.triggerTime);
	return { triggerAt: triggerAt > 0 ? triggerAt : undefined };
}

const schema = () => ({
	seconds: anyOf(oneOf(0), integer({ min: 10, max: 120 })),
	signal: optional(objectWith<AbortSignal>("addEventListener")),
	timeoutMs: optional(milliseconds({ min: 1, max: 600_000 })),
});

async function send(
	options: OkxTimerOptions,
	seconds: number,
	signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
	const { baseUrl = okxDefaults.baseUrl, fetch = globalThis.fetch } = options;
	const text = JSON.stringify({ timeOut: String(seconds) });
	const headers = await signedHeaders(options, path, text);
	let status: number | undefined;
	try {
		const response = await fetch(new URL(path, baseUrl), {
			method: "POST",
			headers,
			body: text,
			redirect: "manual",
			signal,
		});
		status = response.status;
		return { status, body: await response.json() };
	} catch (error) {
		// The error is thrown without its cause, because the message of the cause may quote the headers, which contain secrets.
		if (status === undefined) throw new OkxError("network", "the connection failed", { call });
		const isNotJson = error instanceof SyntaxError;
		const problem = isNotJson ? "the reply is not JSON" : "the connection broke during the reply";
		throw new OkxError(isNotJson ? "reply" : "network", problem, { call, status });
	}
}
