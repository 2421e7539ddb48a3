import { inspect } from "node:util";
import {
	createIbkrHttp,
	createIbkrPenaltyBox,
	type IbkrError,
	type IbkrHttp,
	type IbkrHttpOptions,
	isIbkrError,
} from "../index.ts";

/** A client whose requests are answered with the results of `reply`. */
export function clientOf(reply: () => Response | Promise<Response>, options: IbkrHttpOptions = {}): IbkrHttp {
	return createIbkrHttp({ fetch: async () => reply(), penaltyBox: createIbkrPenaltyBox(), ...options });
}

/** A client that gets the given reply to every request. */
export function answered(status: number, body: string | null, headers: Record<string, string> = {}): IbkrHttp {
	return clientOf(() => new Response(body, { status, headers }));
}

/** Returns the IbkrError with which a call rejects. */
export async function failure(work: Promise<unknown>): Promise<IbkrError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (isIbkrError(error)) return error;
	throw new Error(`not an IbkrError: ${inspect(error)}`);
}
