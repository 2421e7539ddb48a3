export { type BearerSession, createIbkrBearer, type IbkrBearer, type IbkrBearerOptions } from "./bearer.ts";
export { createIbkrOAuth, type IbkrOAuth, type Signed } from "./client.ts";
export type { IbkrOAuthOptions } from "./options.ts";
export type { AccessToken, BearerToken, LiveSessionToken, RequestToken, SsoSession } from "./replies.ts";
