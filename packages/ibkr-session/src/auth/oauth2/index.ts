export { createIbkrBearer, type IbkrBearer, type IbkrBearerOptions } from "./bearer.ts";
export { createIbkrOAuth, type IbkrOAuth } from "./client.ts";
export type { IbkrOAuthOptions } from "./options.ts";
export type { IbkrOAuthReplies } from "./replies.ts";
