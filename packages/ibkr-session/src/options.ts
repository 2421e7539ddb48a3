import { IbkrError } from "./errors.ts";
import { type Names, onlyKnown } from "./known.ts";
import { createIbkrPacing, type IbkrPacing } from "./limits/pacing.ts";
import { type IbkrPenaltyBox, ibkrProcessPenaltyBox } from "./limits/penalty-box.ts";

/** A request about to be sent, as the `authorize` option sees it. */
export interface IbkrRequestToAuthorize {
	/** `GET` or `POST`. */
	readonly method: string;
	/** The whole address, as an OAuth signature needs it. */
	readonly url: string;
}

/** Gives the headers that prove who asks, such as `{ authorization: "Bearer …" }`. Called before each request. */
export type IbkrAuthorize = (
	request: IbkrRequestToAuthorize,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** Settings of {@link createIbkrHttp}. */
export interface IbkrHttpOptions {
	/**
	 * Where the paths begin, `http:` or `https:`. Default `https://localhost:5000/v1/api`, a gateway on this machine; with
	 * OAuth it is `https://api.ibkr.com/v1/api`.
	 */
	readonly baseUrl?: string;
	/** What sends the requests. Default: the global `fetch`, read at each call. */
	readonly fetch?: typeof fetch;
	/** Adds headers to each request: this is how OAuth gets in. Default: none, which is right for a gateway. */
	readonly authorize?: IbkrAuthorize;
	/** The `User-Agent` header, printable ASCII. The venue's edge refuses requests without one. Default `x-ibkr-session`. */
	readonly userAgent?: string;
	/** Deadline of one whole call in milliseconds, 1 to 600 000. Default 12 000: the venue gives up after 10 000. */
	readonly callTimeoutMs?: number;
	/**
	 * The turns of the calls, by the venue's limits: a call waits for its turn for up to half of its
	 * deadline. Default: one of this
	 * client's own, for 10 calls a second, or 50 with `authorize`. Clients of the same user have to share one.
	 * False: the calls are not held back.
	 */
	readonly pacing?: IbkrPacing | false;
	/** What a 429 closes. Default {@link ibkrProcessPenaltyBox}, that of the whole process: a second source address has its own. */
	readonly penaltyBox?: IbkrPenaltyBox;
}

/** {@link IbkrHttpOptions} with every default filled in. */
export interface ResolvedOptions {
	readonly baseUrl: string;
	readonly fetch: typeof fetch;
	readonly authorize: IbkrAuthorize | undefined;
	readonly userAgent: string;
	readonly callTimeoutMs: number;
	readonly pacing: IbkrPacing | undefined;
	readonly penaltyBox: IbkrPenaltyBox;
}

/** The values of the options that are left out. */
export const ibkrDefaults = Object.freeze({
	baseUrl: "https://localhost:5000/v1/api",
	userAgent: "x-ibkr-session",
	callTimeoutMs: 12_000,
});

const names: Names<IbkrHttpOptions> = {
	baseUrl: 1,
	fetch: 1,
	authorize: 1,
	userAgent: 1,
	callTimeoutMs: 1,
	pacing: 1,
	penaltyBox: 1,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws IbkrError of kind `options` that names the option.
 */
export function resolveOptions(options: IbkrHttpOptions = {}): ResolvedOptions {
	onlyKnown(options, names);
	const { fetch: fetchOption, authorize } = options;
	if (fetchOption !== undefined) functionOf("fetch", fetchOption);
	return {
		baseUrl: baseUrlOf(options.baseUrl ?? ibkrDefaults.baseUrl),
		fetch: (...args) => functionOf("fetch", fetchOption ?? globalThis.fetch)(...args),
		authorize: authorize === undefined ? undefined : functionOf("authorize", authorize),
		userAgent: headerTextOf("userAgent", options.userAgent ?? ibkrDefaults.userAgent),
		callTimeoutMs: millisecondsOf("callTimeoutMs", options.callTimeoutMs ?? ibkrDefaults.callTimeoutMs),
		pacing: pacingOf(options),
		penaltyBox: boxOf(options.penaltyBox ?? ibkrProcessPenaltyBox),
	};
}

/** The address without a slash at its end. Its text is not quoted in errors: it can hold a password. */
export function baseUrlOf(value: unknown): string {
	const form = "an http: or https: address without user name, query or fragment";
	if (typeof value !== "string" || !URL.canParse(value)) throw wrong("baseUrl", form, value);
	const url = new URL(value);
	const plain = !url.username && !url.password && !url.search && !url.hash;
	if (!/^https?:$/.test(url.protocol) || !plain) throw wrong("baseUrl", form, value);
	return url.href.replace(/\/+$/, "");
}

function pacingOf({ pacing, authorize }: IbkrHttpOptions): IbkrPacing | undefined {
	if (pacing === false) return undefined;
	if (pacing === undefined) return createIbkrPacing({ callsPerSecond: authorize === undefined ? 10 : 50 });
	if (typeof pacing?.take !== "function") throw wrong("pacing", "false or what createIbkrPacing gives", pacing);
	return pacing;
}

function boxOf(box: IbkrPenaltyBox): IbkrPenaltyBox {
	if (typeof box?.close !== "function") throw wrong("penaltyBox", "what createIbkrPenaltyBox gives", box);
	return box;
}

function functionOf<T>(name: string, value: T): T {
	if (typeof value !== "function") throw wrong(name, "a function", value);
	return value;
}

export function headerTextOf(name: string, value: unknown): string {
	if (typeof value !== "string" || !/^[\x20-\x7e]*\S[\x20-\x7e]*$/.test(value)) {
		throw wrong(name, "printable ASCII that is not blank", value);
	}
	return value;
}

export function millisecondsOf(name: string, value: unknown): number {
	if (typeof value !== "number" || !Number.isFinite(value) || value < 1 || value > 600_000) {
		throw wrong(name, "a number of milliseconds from 1 to 600000", value);
	}
	return value;
}

function wrong(name: string, expected: string, value: unknown): IbkrError {
	const type = value === null ? "null" : typeof value;
	const given = type === "number" ? `the number ${value}` : `a value of type ${type}`;
	return new IbkrError(`the option ${name} must be ${expected}, and ${given} was given`, { kind: "options" });
}
