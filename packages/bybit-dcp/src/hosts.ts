import { OptionError } from "@x/base/errors";
import { packageName } from "./errors.ts";

const stream = (host: string): string => `wss://${host}/v5/private`;
const mainStream = stream("stream.bybit.com");

/**
 * The venue's public hosts, for the options `restUrl` and `wsUrl`. An API key works at one site only. Market makers get
 * their own hosts from Bybit.
 *
 * Disconnection Protect is documented for mainnet; the documentation does not say whether the regional sites have this
 * protection. For a site without a `wsUrl` the venue lists no private WebSocket stream: for that site the client uses
 * the stream of mainnet, which is a guess.
 *
 * @see https://bybit-exchange.github.io/docs/v5/guide
 */
export const bybitHosts = /* @__PURE__ */ Object.freeze({
	mainnet: { restUrl: "https://api.bybit.com", wsUrl: mainStream },
	/** The second HTTP host of mainnet. */
	bytick: { restUrl: "https://api.bytick.com", wsUrl: mainStream },
	/** The testnet has its own API keys. Disconnection Protect (DCP) has to be enabled for a testnet account too. */
	testnet: { restUrl: "https://api-testnet.bybit.com", wsUrl: stream("stream-testnet.bybit.com") },
	/**
	 * Demo trading has no Disconnection Protect (DCP): neither its calls nor its topics exist there. This package refuses
	 * these hosts before it connects.
	 */
	demo: { restUrl: "https://api-demo.bybit.com", wsUrl: stream("stream-demo.bybit.com") },
	georgia: { restUrl: "https://api.bybitgeorgia.ge", wsUrl: stream("stream.bybitgeorgia.ge") },
	indonesia: { restUrl: "https://api.bybit.id", wsUrl: stream("stream.bybit.id") },
	japan: { restUrl: "https://api.manepa.jp", wsUrl: stream("stream.manepa.jp") },
	kazakhstan: { restUrl: "https://api.bybit.kz", wsUrl: stream("stream.bybit.kz") },
	/** Until 2026-03-31 this site was at `bybit-tr.com`, an address that other client libraries use to this day. */
	turkey: { restUrl: "https://api.bybit.tr", wsUrl: stream("stream.bybit.tr") },
	/**
	 * The site for the European Economic Area, for keys that a broker made for a third-party application. The venue lists
	 * no private stream for this site.
	 */
	eea: { restUrl: "https://api.bybit.eu" },
	/** This host is listed only on older pages of the venue. The venue lists no private stream for this site. */
	hongKong: { restUrl: "https://api.byhkbit.com" },
	/** The venue lists no private stream for this site. */
	netherlands: { restUrl: "https://api.bybit.nl" },
	/** The venue lists no private stream for this site. */
	uae: { restUrl: "https://api.bybit.ae" },
});

/** A site of Bybit, with its HTTP host and its WebSocket host. */
interface Site {
	readonly restUrl: string;
	readonly wsUrl?: string;
}

const hostOf = (url: string): string => new URL(url).host;
const isTestnet = ({ hostname }: URL): boolean => hostname.includes("testnet");

/**
 * The URLs that a client with these options uses. If only one URL is given, the other URL is the one of the same site.
 *
 * @throws OptionError if both URLs are given and belong to different sites or environments: settings that were read
 * from one site prove nothing about a connection to another site.
 */
export function bybitUrlsOf(options: {
	readonly restUrl?: string | URL | undefined;
	readonly wsUrl?: string | URL | undefined;
}): { readonly restUrl: URL; readonly wsUrl: URL } {
	const sites: readonly Site[] = Object.values(bybitHosts);
	const [rest, ws] = [options.restUrl, options.wsUrl].map((url) => (url === undefined ? undefined : new URL(url)));
	const byRest = sites.find((site) => hostOf(site.restUrl) === rest?.host);
	const byWs = sites.find((site) => site.wsUrl !== undefined && hostOf(site.wsUrl) === ws?.host);
	const restUrl = rest ?? new URL((byWs ?? bybitHosts.mainnet).restUrl);
	const wsUrl = ws ?? new URL(byRest?.wsUrl ?? mainStream);
	const isOtherSite = byRest && byWs && wsUrl.host !== hostOf(byRest.wsUrl ?? mainStream);
	if (isOtherSite || isTestnet(restUrl) !== isTestnet(wsUrl)) {
		const problem = `must be of the same site as restUrl: ${wsUrl.host} does not belong to ${restUrl.host}. See bybitHosts.`;
		throw new OptionError(packageName, "wsUrl", problem);
	}
	return { restUrl, wsUrl };
}
