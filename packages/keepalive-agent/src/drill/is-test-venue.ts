import { withDeadline } from "@x/base/clock";
import { isLoopback } from "../config/is-loopback.ts";
import { members } from "../object-or-empty.ts";
import { DrillRefused, explain } from "./drill-error.ts";

const timeoutMs = 5_000;

/** A call that needs no key, and a check of its reply. Only a test host passes the check. */
export interface PublicCall {
	readonly url: string;
	/** Whether the reply says that the venue is its test system; undefined if no reply of the venue says so. */
	readonly saysTest?: (reply: Readonly<Record<string, unknown>>) => boolean;
}

/**
 * Whether no real money is traded at these addresses: either all of them are test hosts of the venue, or all of them belong to a simulator
 * on this machine. A simulator is recognized by a header of its reply. A loopback address does not prove that it is a simulator, because a
 * relay or a tunnel to production may listen there.
 *
 * @param addresses - every address that the session uses.
 * @param testHosts - host names of the venue's test system.
 * @param call - is sent to a test host or to a loopback address, to check its reply.
 * @throws DrillRefused when there is no reply, or when the reply does not say that it comes from a test system.
 */
export async function isTestVenue(
	addresses: readonly URL[],
	testHosts: readonly string[],
	call: PublicCall,
	signal: AbortSignal,
): Promise<boolean> {
	const areLocal = addresses.every(({ hostname }) => isLoopback(hostname.replace(/^\[|\]$/g, "")));
	const areTest = addresses.every(({ hostname }) => testHosts.includes(hostname));
	if (!areLocal && !areTest) return false;
	const { headers, reply } = await read(call, signal);
	if (areLocal && headers.get("x-simulated-venue") === null) return false;
	if (call.saysTest && !call.saysTest(reply))
		throw new DrillRefused("the venue does not say that this is its test system");
	return true;
}

async function read({ url }: PublicCall, signal: AbortSignal) {
	const onTimeout = (): Error => new DrillRefused(`${new URL(url).host} did not answer within ${timeoutMs / 1_000} s`);
	try {
		return await withDeadline({ ms: timeoutMs, signal, onTimeout }, async (deadline) => {
			const response = await fetch(url, { signal: deadline, redirect: "error" });
			return { headers: response.headers, reply: members(await response.json()) };
		});
	} catch (error) {
		if (error instanceof DrillRefused) throw error;
		throw new DrillRefused(`${new URL(url).host} cannot be asked whether it is a test system: ${explain(error)}`);
	}
}
