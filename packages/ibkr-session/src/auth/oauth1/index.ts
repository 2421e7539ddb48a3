export { createIbkrConsumer, type IbkrConsumer, type IbkrUser } from "./consumer.ts";
export type { IbkrLiveSession } from "./live-session-token.ts";
export type { IbkrConsumerOptions, IbkrUserCredentials } from "./options.ts";
