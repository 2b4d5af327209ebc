// Reads files of Terraform with HashiCorp's own parser and says what is in each.
//
//     node read.mjs FOLDER FILES.json
//
// FOLDER has the node_modules with @cdktf/hcl2json. FILES.json is a list of texts. Standard output is a list of the same
// length: { error } for what the parser refuses, otherwise { addresses: { address: [argument, …] }, imports, variables, locals }.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, files] = process.argv.slice(2);
const { parse } = createRequire(join(resolve(folder), "package.json"))("@cdktf/hcl2json");

const names = (blocks) => Object.keys(blocks ?? {}).sort();

function read(file) {
  const addresses = {};
  for (const [kind, prefix] of [["resource", ""], ["data", "data."]]) {
    for (const [type, resources] of Object.entries(file[kind] ?? {})) {
      for (const [name, [body]] of Object.entries(resources)) addresses[`${prefix}${type}.${name}`] = names(body);
    }
  }
  return {
    addresses,
    imports: (file.import ?? []).map((block) => [block.to.replace(/^\$\{|\}$/g, ""), block.id]).sort(),
    variables: names(file.variable),
    locals: (file.locals ?? []).flatMap(names).sort(),
  };
}

const answers = [];
for (const text of JSON.parse(readFileSync(files, "utf8"))) {
  try {
    answers.push(read(await parse("main.tf", text)));
  } catch (error) {
    answers.push({ error: String(error.message ?? error).split("\n")[0] });
  }
}
process.stdout.write(JSON.stringify(answers));
