import { OptionError } from "@x/base/errors";
import { packageName } from "./errors.ts";

const stream = (host: string): string => `wss://${host}/v5/private`;
const mainStream = stream("stream.bybit.com");

/**
 * The venue's public hosts, for the options `restUrl` and `wsUrl`. A key works at one of them. Market makers get hosts of their
 * own from Bybit.
 *
 * Disconnection Protect is documented for mainnet; that the regional sites have it is not stated either way. Those without a
 * `wsUrl` have no private stream in the venue's list: there the client uses that of mainnet, which is a guess.
 *
 * @see https://bybit-exchange.github.io/docs/v5/guide
 */
export const bybitHosts = /* @__PURE__ */ Object.freeze({
	mainnet: { restUrl: "https://api.bybit.com", wsUrl: mainStream },
	/** Mainnet at its second HTTP host. */
	bytick: { restUrl: "https://api.bytick.com", wsUrl: mainStream },
	/** With keys of its own. DCP has to be enabled here too. */
	testnet: { restUrl: "https://api-testnet.bybit.com", wsUrl: stream("stream-testnet.bybit.com") },
	/** Demo trading has no DCP: neither the calls nor the topics. This package refuses these hosts before anything connects. */
	demo: { restUrl: "https://api-demo.bybit.com", wsUrl: stream("stream-demo.bybit.com") },
	georgia: { restUrl: "https://api.bybitgeorgia.ge", wsUrl: stream("stream.bybitgeorgia.ge") },
	indonesia: { restUrl: "https://api.bybit.id", wsUrl: stream("stream.bybit.id") },
	japan: { restUrl: "https://api.manepa.jp", wsUrl: stream("stream.manepa.jp") },
	kazakhstan: { restUrl: "https://api.bybit.kz", wsUrl: stream("stream.bybit.kz") },
	/** Until 2026-03-31 at `bybit-tr.com`, which other clients still have. */
	turkey: { restUrl: "https://api.bybit.tr", wsUrl: stream("stream.bybit.tr") },
	/** The European Economic Area: for keys that a broker made for a third-party application. No private stream is listed. */
	eea: { restUrl: "https://api.bybit.eu" },
	/** From older pages of the venue. No private stream is listed. */
	hongKong: { restUrl: "https://api.byhkbit.com" },
	/** No private stream is listed. */
	netherlands: { restUrl: "https://api.bybit.nl" },
	/** No private stream is listed. */
	uae: { restUrl: "https://api.bybit.ae" },
});

/** A site of the venue. */
interface Site {
	readonly restUrl: string;
	readonly wsUrl?: string;
}

const hostOf = (url: string): string => new URL(url).host;
const isTestnet = ({ hostname }: URL): boolean => hostname.includes("testnet");

/**
 * The URLs that a client with these options uses. If only one URL is given, the other is the URL of the same site.
 *
 * @throws OptionError if both are given and belong to different sites or environments: a configuration that was read at one
 * proves nothing about a connection to the other.
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
