#!/usr/bin/env python3
"""Reads all the Terraform that tenken writes about accounts, with a parser that other people wrote, as Terraform would: each
option of each policy that fails, and everything at once, in both languages; and the import blocks of `tenken adopt`.

A file parses. No address is declared twice, no argument is repeated, and every reference leads to something that the file
declares. Every import has its block. Every type, argument and block is one of the AWS provider's, and those that are required are
there. Every variable has a description, and nothing that looks like a secret has a value.

    mocks/build/check_terraform.py [--second FOLDER] [--whole-only] BINARY WHEEL SECRETS ACCOUNT...

With `--whole-only`, everything at once alone, not each option. With `--second`, HashiCorp's own parser, which is in that folder,
reads the same files: it must refuse none, and find the same blocks with the same arguments in them.

An account is a saved snapshot, or a folder with a recording. SECRETS is a file with a line for each value that may appear nowhere.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

import hcl2
from terraform_schema import Schema

PARSER = pathlib.Path(__file__).resolve().parent / "hashicorp_parser" / "read.mjs"
# Blocks that Terraform itself knows in a resource.
META_ARGUMENTS = {"count", "depends_on", "for_each", "provider"}
# Names that are no resources where an expression begins with them.
NOT_RESOURCES = {"count", "data", "each", "local", "module", "path", "self", "terraform", "var"}
# What holds a secret has no value in a file.
SECRETS = {"auth_token", "master_password", "password", "secret_string", "token"}


class Checked(Exception):
    """What is wrong with a file."""


def unquoted(text):
    return text[1:-1] if isinstance(text, str) and text.startswith('"') else text


def pieces(value):
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from pieces(key)
            yield from pieces(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pieces(inner)


def code(text):
    """What of a text is evaluated: all of `${…}`; a quoted text's own words are not."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if depth == 0 and text.startswith("${", at) and not text.startswith("$${", max(0, at - 1)):
            depth, start = 1, at + 2
        elif depth and at >= start:
            depth += {"{": 1, "}": -1}.get(character, 0)
            if depth == 0:
                found.append(text[start:at])
    if depth:
        found.append(text[start:])
    return [re.sub(r'"(?:[^"\\$]|\\.|\$(?!\{))*"', '""', piece) for piece in found]


class File:
    """One file, as Terraform would read it."""

    def __init__(self, text, blocks, schema):
        self.text, self.blocks, self.schema, self.problems = text, blocks, schema, []
        self.addresses = collections.Counter()
        self.variables, self.locals = {}, set()
        self.arguments = {}
        for kind in ("resource", "data"):
            for entry in self.blocks.get(kind, []):
                for type_name, names in entry.items():
                    for name, body in names.items():
                        if type_name == "__is_block__" or name == "__is_block__":
                            continue
                        address = f"{unquoted(type_name)}.{unquoted(name)}"
                        place = address if kind == "resource" else f"data.{address}"
                        self.addresses[place] += 1
                        self.arguments[place] = sorted(unquoted(argument) for argument in body if not argument.startswith("__"))
                        self.resource(unquoted(type_name), address, body, kind == "data")
        for entry in self.blocks.get("variable", []):
            for name, body in entry.items():
                if name != "__is_block__":
                    self.variable(unquoted(name), body)
        for entry in self.blocks.get("locals", []):
            for name in entry:
                if name.startswith("__"):
                    continue
                if name in self.locals:
                    self.problems.append(f"local.{name} is declared twice")
                self.locals.add(name)
        self.problems += [f"{address} is declared {times} times" for address, times in self.addresses.items() if times > 1]
        self.imports()
        self.references()
        self.repeated_arguments()
        unknown = set(self.blocks) - {"resource", "data", "variable", "locals", "import", "terraform", "provider", "check", "output"}
        self.problems += [f"{name}: not a block of Terraform" for name in sorted(unknown) if not name.startswith("__")]

    def summary(self):
        """What the other parser says of the same file."""
        targets = [[block["to"].removeprefix("${").removesuffix("}"), unquoted(block["id"])] for block in self.blocks.get("import", [])]
        return {
            "addresses": {place: names for place, names in self.arguments.items()},
            "imports": sorted(targets),
            "variables": sorted(self.variables),
            "locals": sorted(self.locals),
        }

    def variable(self, name, body):
        if name in self.variables:
            self.problems.append(f"var.{name} is declared twice")
        self.variables[name] = body
        if not unquoted(body.get("description", '""')).strip():
            self.problems.append(f"var.{name} has no description")
        if "default" in body and re.search("|".join(SECRETS), name):
            self.problems.append(f"var.{name} has a default")

    def resource(self, type_name, address, body, is_data):
        found = self.schema.resource(type_name, is_data)
        if found is None:
            self.problems.append(f"{address}: the provider has no {type_name}")
        else:
            self.body(found[0], found[1], address, body)

    def body(self, module, arguments, path, body):
        present = set()
        for name, value in body.items():
            if name.startswith("__") or name in META_ARGUMENTS:
                continue
            if name == "lifecycle":
                self.lifecycle(arguments, path, value)
                continue
            if name == "dynamic":
                for entry in value:
                    for inner, dynamic in entry.items():
                        if inner != "__is_block__":
                            present.add(unquoted(inner))
                            content = dynamic.get("content", [])
                            self.nested(module, arguments, path, unquoted(inner), content)
                continue
            present.add(name)
            if name in SECRETS and "${var." not in str(value):
                self.problems.append(f"{path}.{name} has a value")
            self.nested(module, arguments, path, name, value)
        for argument in arguments.values():
            if argument.is_required and argument.name not in present:
                self.problems.append(f"{path} lacks {argument.name}, which is required")

    def nested(self, module, arguments, path, name, value):
        argument = arguments.get(name)
        if argument is None:
            self.problems.append(f"{path} has no argument {name}")
            return
        if argument.is_free:
            return
        is_block = isinstance(value, list) and any(isinstance(one, dict) and "__is_block__" in one for one in value)
        if is_block and argument.block is None:
            self.problems.append(f"{path}.{name} is an argument, not a block")
        if not is_block:
            if argument.block is not None and value != []:
                self.problems.append(f"{path}.{name} is a block, not an argument")
            return
        if not argument.is_repeated and len(value) > 1:
            self.problems.append(f"{path}.{name} is there {len(value)} times, and may be there once")
        if argument.block:
            for one in value:
                self.body(module, self.schema.arguments(module, argument.block), f"{path}.{name}", one)

    def lifecycle(self, arguments, path, blocks):
        for block in blocks:
            for ignored in block.get("ignore_changes", []):
                name = re.match(r"\w+", re.sub(r"^\$\{", "", ignored)).group(0)
                if name not in arguments:
                    self.problems.append(f"{path} ignores changes of {name}, which it does not have")

    def imports(self):
        targets = collections.Counter()
        for block in self.blocks.get("import", []):
            target = block["to"].removeprefix("${").removesuffix("}")
            targets[target] += 1
            if target not in self.addresses:
                self.problems.append(f"{target} is imported and has no block")
            if not unquoted(block["id"]):
                self.problems.append(f"{target} is imported by no id")
        self.problems += [f"{target} is imported {times} times" for target, times in targets.items() if times > 1]
        ids = collections.Counter((block["to"].split(".")[0], block["id"]) for block in self.blocks.get("import", []))
        self.problems += [f"{found} is imported to two addresses" for found, times in ids.items() if times > 1]

    def references(self):
        used = set()
        bodies = {kind: blocks for kind, blocks in self.blocks.items() if kind != "import"}
        for text in pieces(bodies):
            for piece in code(text):
                for name in re.findall(r"(?<![\w.])var\.(\w+)", piece):
                    used.add(name)
                    if name not in self.variables:
                        self.problems.append(f"var.{name} is not declared")
                for name in re.findall(r"(?<![\w.])local\.(\w+)", piece):
                    if name not in self.locals:
                        self.problems.append(f"local.{name} is not declared")
                for address in re.findall(r"(?<![\w.])((?:data\.)?aws_\w+\.\w+)", piece):
                    if address not in self.addresses:
                        self.problems.append(f"{address} is not declared")
        self.problems += [f"var.{name} is not used" for name in sorted(set(self.variables) - used)]

    def repeated_arguments(self):
        """The parser keeps the last of two; the tree has both."""
        for tree in hcl2.parses_to_tree(self.text).iter_subtrees():
            if tree.data != "body":
                continue
            names = collections.Counter(
                str(child.children[0].children[0]) for child in tree.children if getattr(child, "data", "") == "attribute"
            )
            self.problems += [f"the argument {name} is repeated" for name, times in names.items() if times > 1]


def disagreements(folder, files):
    """What HashiCorp's parser says otherwise of each file, by its label."""
    with tempfile.TemporaryDirectory() as scratch:
        texts = pathlib.Path(scratch) / "files.json"
        texts.write_text(json.dumps([file.text for _, file in files]), encoding="utf-8")
        answers = json.loads(run("node", str(PARSER), str(folder), str(texts)))
    for (label, file), answer in zip(files, answers, strict=True):
        if "error" in answer:
            yield label, [f"HashiCorp's parser: {answer['error']}"]
            continue
        mine = file.summary()
        differences = [f"HashiCorp's parser reads other {part}: {difference(mine[part], answer[part])}" for part in mine if mine[part] != answer[part]]
        if differences:
            yield label, differences


def difference(mine, other):
    if isinstance(mine, dict):
        mine, other = (sorted([place, *names] for place, names in found.items()) for found in (mine, other))
    return f"{[one for one in mine if one not in other][:3]} / {[one for one in other if one not in mine][:3]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--second", type=pathlib.Path)
    parser.add_argument("--whole-only", action="store_true")
    parser.add_argument("binary")
    parser.add_argument("wheel")
    parser.add_argument("secrets", type=pathlib.Path)
    parser.add_argument("accounts", nargs="+")
    arguments = parser.parse_args()
    whole_only, binary, accounts = arguments.whole_only, arguments.binary, arguments.accounts
    schema = Schema(arguments.wheel)
    forbidden = [line for line in arguments.secrets.read_text(encoding="utf-8").splitlines() if line]
    jobs = []
    for account in accounts:
        source = ["--replay" if pathlib.Path(account).is_dir() else "--snapshot", account, "--no-config"]
        work = json.loads(run(binary, "fix", *source, "--format", "json"))
        options = set()
        for fix in work["fixes"]:
            options |= {(option["policy"], option["id"]) for option in fix["options"]}
            options |= {(fix["options"][0]["policy"], option["id"]) for option in fix["alternatives"] if fix["options"]}
        if whole_only:
            options = set()
        jobs += [(account, source, option, "en") for option in [(), *sorted(options)]]
        jobs += [(account, source, option, "ja") for option in [(), *sorted(options)]]

    read, parsing, files = {}, threading.Lock(), []

    adopted, unknown = 0, []
    for account in accounts:
        source = ["--replay" if pathlib.Path(account).is_dir() else "--snapshot", account, "--no-config"]
        targets = [block["to"].removeprefix("${").removesuffix("}") for block in hcl2.loads(run(binary, "adopt", *source, "--all"))["import"]]
        adopted += len(targets)
        unknown += [f"{target}: no type of the provider" for target in targets if schema.resource(target.split(".")[0]) is None]
        unknown += [f"{target}: {times} times" for target, times in collections.Counter(targets).items() if times > 1]

    def check(job):
        account, source, option, language = job
        chosen = ["--policy", option[0]] if option else []
        if option and option[1]:
            chosen += ["--option", "=".join(option)]
        text = run(binary, "fix", *source, *chosen, "--format", "terraform", "--lang", language)
        label = f"{pathlib.Path(account).name} {' '.join(option) or 'everything'} {language}"
        # In the other language only what people read differs: such a file was read already.
        key = (account, option, without_words(text))
        if key in read and not any(secret in text for secret in forbidden):
            return label, *read[key]
        try:
            # The parser keeps what it is in the middle of where every thread finds it.
            with parsing:
                blocks = hcl2.loads(text)
        except Exception as error:  # The parser has errors of many kinds.
            return label, [f"does not parse: {str(error).splitlines()[0]}"], 0, 0
        file = File(text, blocks, schema)
        files.append((label, file))
        problems = file.problems + ["a secret's value is written" for secret in forbidden if secret in text]
        read[key] = problems, sum(file.addresses.values()), len(file.blocks.get("import", []))
        return label, *read[key]

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(check, jobs))
    results.append(("adopt", unknown, 0, 0))
    if arguments.second:
        other = list(disagreements(arguments.second, files))
        print(f"HashiCorp's parser: {len(files)} of the files that differ in more than words, {len(other)} of them read otherwise")
        results += [(label, problems, 0, 0) for label, problems in other]
    else:
        print("HashiCorp's parser: not asked, as there is no npm")
    wrong = [(label, problems) for label, problems, _, _ in results if problems]
    for label, problems in wrong:
        for problem in sorted(set(problems)):
            print(f"{label}: {problem}", file=sys.stderr)
    print(f"adopt: {adopted} imports of {len(accounts)} accounts, {len(unknown)} of them wrong")
    blocks, imports = (sum(result[at] for result in results) for at in (2, 3))
    print(
        f"terraform: {len(jobs)} files of {len(accounts)} accounts, {blocks} blocks, {imports} imports, "
        f"hashicorp/aws {schema.version}: {len(wrong)} with problems"
    )
    sys.exit(bool(wrong))


def without_words(text):
    """A file without its comments, descriptions and messages."""
    return re.sub(r"(?m)^\s*(#.*|(description|error_message) +=.*)\n", "", text)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
