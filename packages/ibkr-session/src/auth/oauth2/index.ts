export { createIbkrBearer, type IbkrBearer, type IbkrBearerOptions } from "./bearer.ts";
export { createIbkrOAuth, type IbkrOAuth } from "./oauth-calls.ts";
export type { IbkrOAuthOptions } from "./options.ts";
export type { IbkrOAuthReplies } from "./token-replies.ts";
