export { createIbkrConsumer, type IbkrConsumer, type IbkrUser } from "./consumer.ts";
export type { LiveSession } from "./live-session.ts";
export type { IbkrConsumerOptions, UserCredentials } from "./options.ts";
