export { createIbkrBearer, type IbkrBearer, type IbkrBearerOptions, type IbkrBearerSession } from "./bearer.ts";
export { createIbkrOAuth, type IbkrOAuth, type IbkrSignature } from "./client.ts";
export type { IbkrOAuthOptions } from "./options.ts";
export type {
	IbkrAccessToken,
	IbkrBearerToken,
	IbkrLiveSessionToken,
	IbkrRequestToken,
	IbkrSsoSession,
} from "./replies.ts";
