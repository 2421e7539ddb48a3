/**
 * The members of a published `package.json` that say where the package comes from.
 *
 * @param repository - owner and name at GitHub.
 */
export function addresses(repository: string, folder: string) {
	const home = `https://github.com/${repository}`;
	return {
		homepage: `${home}/tree/main/packages/${folder}#readme`,
		bugs: { url: `${home}/issues` },
		repository: { type: "git", url: `git+${home}.git`, directory: `packages/${folder}` },
	};
}
