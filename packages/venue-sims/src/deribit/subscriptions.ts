import { isAccountChannel, isPublicChannel, isRawChannel } from "./channels.ts";
import { DeribitFailure, invalid } from "./error-reply.ts";
import { type Method, onConnection } from "./method-definition.ts";
import type { Params } from "./request-params.ts";

/** The most channels that the venue accepts in one call. What the real venue replies to a call with more channels is not documented. */
const maxChannels = 500;

/** A method that subscribes to channels. Unknown channels are left out of the result without an error. */
function subscribe(isKnown: (channel: string) => boolean): Method {
	return {
		pool: "subscribe",
		...onConnection((connection, { params }, { tokens }) => {
			const names = channelsOf(params);
			if (names.length > maxChannels) throw invalid("channels", "invalid value");
			const { grant } = connection;
			const isAuthenticated = grant !== undefined && tokens.isValid(grant, connection.id);
			if (!isAuthenticated && names.some((name) => isPublicChannel(name) && isRawChannel(name))) {
				throw new DeribitFailure(13778);
			}
			const known = names.filter(isKnown);
			const label = params.optionalText("label");
			for (const name of known) connection.channels.set(name, label);
			return known;
		}),
	};
}

const unsubscribe = onConnection((connection, { params }) =>
	channelsOf(params).filter((name) => connection.channels.delete(name)),
);

const unsubscribeAll = onConnection((connection) => {
	connection.channels.clear();
	return "ok";
});

/** The methods that begin and end subscriptions. A subscription ends with its connection. */
export const subscriptionMethods: Readonly<Record<string, Method>> = {
	"public/subscribe": subscribe(isPublicChannel),
	"private/subscribe": { needs: "any", ...subscribe((name) => isPublicChannel(name) || isAccountChannel(name)) },
	"public/unsubscribe": unsubscribe,
	"private/unsubscribe": { needs: "any", ...unsubscribe },
	"public/unsubscribe_all": unsubscribeAll,
	"private/unsubscribe_all": { needs: "any", ...unsubscribeAll },
};

function channelsOf(params: Params): string[] {
	return params.texts("channels");
}
