// Have GitHub's own language service read workflows: node scripts/lint_workflows.mjs FILE…
//
// Prints a line for each finding and ends with 1 where there is one. scripts/setup/github.sh fetches the service.
import {readFileSync} from "node:fs";
import {register} from "node:module";

const HERE = new URL("../.arena/github/language-service/node_modules/", import.meta.url);
const SERVICE = new URL("@actions/languageservice/dist/index.js", HERE);
const DOCUMENT = new URL("vscode-languageserver-textdocument/lib/esm/main.js", HERE);

// It imports JSON as bundlers let it; Node wants that to be said at each import.
const JSON_LOADER = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? {...context, importAttributes: {type: "json"}} : context);`;

async function main(paths) {
  register(`data:text/javascript,${encodeURIComponent(JSON_LOADER)}`);
  const {validate} = await import(SERVICE);
  const {TextDocument} = await import(DOCUMENT);
  let found = 0;
  for (const path of paths) {
    const text = readFileSync(path, "utf8");
    for (const finding of await validate(TextDocument.create(`file:///${path}`, "yaml", 1, text), {})) {
      found += 1;
      console.log(`${path}:${finding.range.start.line + 1}: ${finding.message}`);
    }
  }
  console.log(`language service: ${paths.length} workflows, ${found} findings`);
  process.exitCode = found ? 1 : 0;
}

await main(process.argv.slice(2));
