import { generate } from "selfsigned";

/** A self-signed certificate, such as the IBKR gateway uses. `cert` is also the CA to trust. */
export interface Certificate {
	/** PEM. */
	key: string;
	/** PEM. */
	cert: string;
}

/** Creates a certificate for 127.0.0.1 and localhost, valid for one day. */
export async function selfSignedCertificate(): Promise<Certificate> {
	const pems = await generate([{ name: "commonName", value: "venue simulator" }], {
		keySize: 2048,
		algorithm: "sha256",
		notAfterDate: new Date(Date.now() + 86_400_000),
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{
				name: "subjectAltName",
				altNames: [
					{ type: 7, ip: "127.0.0.1" },
					{ type: 2, value: "localhost" },
				],
			},
		],
	});
	return { key: pems.private, cert: pems.cert };
}
