#!/usr/bin/env python3
"""Checks the AWS CLI commands of options, checks and undos against the models of botocore.

    check_commands.py FIX.json...     what `tenken fix --format json` wrote

Every service, operation, parameter, value of an enumeration and member of a structure must exist,
and what an operation requires must be there. Every policy with commands must be covered.
"""

import json
import pathlib
import re
import sys

import botocore.session
import jmespath
from botocore import xform_name

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPAQUE = "\0"  # what only a shell knows: a variable, the output of a command

# Options of every command.
GLOBAL = {"region", "query", "output", "profile", "endpoint-url", "no-cli-pager", "cli-input-json"}

# Commands that the CLI makes itself: positional arguments and options.
CUSTOM = {("s3", "mb"): set(), ("s3", "rb"): {"force"}, ("s3", "cp"): {"recursive"}}

# Parameters that the CLI renames or adds, by service and operation.
RENAMED = {
    ("ec2", "create-network-acl-entry"): {"ingress": "Egress"},
    ("ec2", "delete-network-acl-entry"): {"ingress": "Egress"},
    ("sns", "subscribe"): {"notification-endpoint": "Endpoint"},
}
ADDED = {
    ("ec2", "authorize-security-group-ingress"): {"protocol", "port", "cidr", "source-group"},
    ("ec2", "revoke-security-group-ingress"): {"protocol", "port", "cidr", "source-group"},
}
KEYWORDS = {"do", "then", "else", "if", "while", "!", "{", "time"}


def close(text, at):
    """The place behind the parenthesis that closes the one before `at`."""
    depth, quote = 1, ""
    while at < len(text):
        c = text[at]
        if c == "\\" and quote != "'":
            at += 1
        elif quote == '"' and text.startswith("$(", at):
            at = close(text, at + 2) - 1
        elif quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    raise ValueError("a parenthesis is never closed")


def commands(text, files):
    """The simple commands of a script as lists of words; nested ones come first. Here-documents
    that `cat` writes to a file go into `files`."""
    found, words, word, documents = [], [], None, []
    at = 0

    def end_word():
        nonlocal word
        if word is not None:
            words.append(word)
        word = None

    def end_command():
        nonlocal words
        end_word()
        if words:
            found.append(words)
        words = []

    while at < len(text):
        c = text[at]
        if c == "\\":
            if text[at + 1 : at + 2] != "\n":
                word = (word or "") + text[at + 1 : at + 2]
            at += 2
            continue
        if c == "'":
            end = text.index("'", at + 1)
            word, at = (word or "") + text[at + 1 : end], end + 1
            continue
        if c == '"':
            word, at = word or "", at + 1
            while text[at] != '"':
                if text[at] == "\\" and text[at + 1] in '"\\$`':
                    word, at = word + text[at + 1], at + 2
                elif text.startswith("$(", at):
                    end = close(text, at + 2)
                    found += commands(text[at + 2 : end - 1], files)
                    word, at = word + OPAQUE, end
                elif m := re.compile(r"\$(\{[^}]*\}|\w+)").match(text, at):
                    word, at = word + OPAQUE, m.end()
                else:
                    word, at = word + text[at], at + 1
            at += 1
            continue
        if text.startswith("$(", at):
            end = close(text, at + 2)
            found += commands(text[at + 2 : end - 1], files)
            word, at = (word or "") + OPAQUE, end
            continue
        if m := re.compile(r"\$(\{[^}]*\}|\w+|[#@?])").match(text, at):
            word, at = (word or "") + OPAQUE, m.end()
            continue
        if m := re.compile(r"<<-?\s*'?(\w+)'?").match(text, at):
            end_word()
            target = words[words.index(">") + 1] if ">" in words else None
            documents.append((m.group(1), target))
            at = m.end()
            continue
        if c == "#" and word is None:
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        if c == "\n":
            end_command()
            at += 1
            for delimiter, target in documents:
                m = re.compile(rf"^{delimiter}$", re.M).search(text, at)
                if not m:
                    raise ValueError(f"the here-document {delimiter} never ends")
                if target:
                    files[target] = re.sub(r"\$(\{[^}]*\}|\w+|\([^)]*\))", OPAQUE, text[at : m.start()])
                at = m.end()
            documents = []
            continue
        if c in ";|&()":
            end_command()
        elif c in "<>":
            end_word()
            words.append(c)
        elif c.isspace():
            end_word()
        else:
            word = (word or "") + c
        at += 1
    end_command()
    return found


def shorthand(text):
    """The CLI's shorthand: `a=b,c={d=e},f=[g,h]`, `Name=x,Values=y,z`."""
    at = 0

    def value():
        nonlocal at
        if at < len(text) and text[at] == "{":
            at += 1
            result = pairs("}")
            at += 1
            return result
        if at < len(text) and text[at] == "[":
            at += 1
            result = []
            while at < len(text) and text[at] != "]":
                result.append(value())
                if at < len(text) and text[at] == ",":
                    at += 1
            if at >= len(text):
                raise ValueError("a `[` is never closed")
            at += 1
            return result
        if at < len(text) and text[at] in "\"'":
            end = text.index(text[at], at + 1)
            result, at = text[at + 1 : end], end + 1
            return result
        begin = at
        while at < len(text) and text[at] not in ",}]":
            at += 1
        return text[begin:at]

    def pairs(closing):
        nonlocal at
        result, last = {}, None
        while at < len(text) and text[at] != closing:
            m = re.compile(r"[\w.:*-]+(?==)").match(text, at)
            if m:
                last, at = m.group(0), m.end() + 1
                result[last] = value()
            elif re.compile(rf"{OPAQUE}(?=,|$)").match(text, at):
                at += 1  # a whole pair that only the shell knows
            elif last is None:
                raise ValueError(f"`{text}` is no shorthand")
            else:
                before = result[last] if isinstance(result[last], list) else [result[last]]
                result[last] = before + [value()]
            if at < len(text) and text[at] == ",":
                at += 1
        if closing and at >= len(text):
            raise ValueError("a `{` is never closed")
        return result

    return pairs("")


class Checker:
    def __init__(self):
        session = botocore.session.get_session()
        self.session, self.services, self.models = session, set(session.get_available_services()), {}
        self.problems, self.count = [], 0

    def model(self, service):
        if service not in self.models:
            model = self.session.get_service_model(service)
            names = {xform_name(name, "-"): name for name in model.operation_names}
            self.models[service] = model, names
        return self.models[service]

    def script(self, script, where):
        """Checks every `aws` command of a script."""
        files = {}
        try:
            found = commands(script, files)
        except ValueError as error:
            self.problems.append(f"{where}: {error}")
            return
        for words in found:
            while words and (words[0] in KEYWORDS or re.match(r"[A-Z_]+=", words[0])):
                words = words[1:]
            if not words or words[0] != "aws":
                continue
            self.count += 1
            for problem in self.command(words[1:], files):
                self.problems.append(f"{where}: aws {' '.join(words[1:4])}: {problem}".replace(OPAQUE, "$…"))

    def command(self, words, files):
        for redirection in ("<", ">"):
            if redirection in words:
                at = words.index(redirection)
                words = words[:at] + words[at + 2 :]
        if len(words) < 2:
            return ["names no operation"]
        service, operation = words[0], words[1]
        name = "s3" if service == "s3api" else service
        if operation == "wait" and name in self.services:
            return self.waiter(name, words[2:], files)
        options, problem = self.options(words[2:], (service, operation))
        if problem:
            return [problem]
        if (service, operation) in CUSTOM:
            return [f"no --{name}" for name in options if name not in GLOBAL | CUSTOM[service, operation]]
        if name not in self.services:
            return ["no such service"]
        model, names = self.model(name)
        if operation not in names:
            return ["no such operation"]
        return self.parameters(model.operation_model(names[operation]), (service, operation), options, files)

    def waiter(self, service, words, files):
        loader = self.session.get_component("data_loader")
        known = loader.load_service_model(service, "waiters-2")["waiters"]
        by_name = {xform_name(name, "-"): waiter for name, waiter in known.items()}
        if not words or words[0] not in by_name:
            return [f"no such waiter {words[:1]}"]
        model, _ = self.model(service)
        options, problem = self.options(words[1:], (service, "wait"))
        if problem:
            return [problem]
        operation = model.operation_model(by_name[words[0]]["operation"])
        return self.parameters(operation, (service, "wait"), options, files)

    @staticmethod
    def options(words, command):
        options, name = {}, None
        for word in words:
            if word.startswith("--"):
                name, _, value = word[2:].partition("=")
                if name in options:
                    return {}, f"--{name} stands twice"
                options[name] = [value] if value else []
            elif name is None:
                if command not in CUSTOM:
                    return {}, f"`{word}` stands without an option"
            else:
                options[name].append(word)
        return options, None

    def parameters(self, operation, command, options, files):
        problems = []
        shape = operation.input_shape
        members = shape.members if shape else {}
        by_name = {xform_name(name, "-"): name for name in members}
        by_name |= RENAMED.get(command, {})
        given = set()
        for name, values in options.items():
            if name == "query":
                problems += self.query(values)
            if name in GLOBAL:
                continue
            if name in ADDED.get(command, set()):
                continue
            is_off = name.startswith("no-") and name[3:] in by_name
            member = by_name.get(name[3:] if is_off else name)
            if member is None:
                problems.append(f"no --{name}")
                continue
            given.add(member)
            problems += self.value(members[member], values, is_off, f"--{name}", files)
        if "cli-input-json" not in options and shape:
            lacks = [name for name in shape.required_members if name not in given]
            problems += [f"lacks --{xform_name(name, '-')}" for name in lacks]
        return problems

    @staticmethod
    def query(values):
        try:
            jmespath.compile(values[0].replace(OPAQUE, "x"))
        except (IndexError, jmespath.exceptions.JMESPathError) as error:
            return [f"--query: {str(error).splitlines()[0]}"]
        return []

    def value(self, shape, values, is_off, name, files):
        # The CLI takes EC2's structures around one truth value as switches.
        is_switch = shape.name == "AttributeBooleanValue" and not values
        if shape.type_name == "boolean" or is_switch:
            bad = is_off and values or len(values) > 1 or values and values[0] not in ("true", "false")
            return [f"{name} takes no value"] if bad else []
        if is_off:
            return [f"{name} is not a switch"]
        if not values:
            return [f"{name} lacks its value"]
        if shape.type_name in ("structure", "map", "list"):
            try:
                data = self.structured(shape, values, files)
            except ValueError as error:
                return [f"{name}: {error}"]
            return [] if data is None else self.data(shape, data, name)
        if len(values) > 1:
            return [f"{name} takes one value, not {values}"]
        if values[0].startswith(("file://", "fileb://")):
            return []
        return self.data(shape, values[0], name)

    @staticmethod
    def structured(shape, values, files):
        """The value as data; None where only the shell knows it."""
        first = values[0]
        if first.startswith("file://"):
            text = files.get(first[len("file://") :])
            return None if text is None else json.loads(text.replace(OPAQUE, "$"))
        if len(values) == 1 and first.strip(OPAQUE) == "":
            return None
        if first.startswith(("{", "[")) and (first.startswith("[") or '"' in first):
            return json.loads(first.replace(OPAQUE, "$"))
        if shape.type_name == "list":
            if shape.member.type_name in ("structure", "map"):
                return [shorthand(value) if value.strip(OPAQUE) else {} for value in values if value.strip(OPAQUE)]
            return [part for value in values for part in value.split(",")] if len(values) == 1 else values
        return shorthand(first)

    def data(self, shape, data, name):
        kind = shape.type_name
        if kind == "structure":
            if not isinstance(data, dict):
                return [f"{name} is a structure, not `{data}`"]
            problems = [f"{name}: no {key}" for key in data if key not in shape.members]
            problems += [f"{name}: lacks {key}" for key in shape.required_members if key not in data]
            for key, value in data.items():
                if key in shape.members:
                    problems += self.data(shape.members[key], value, f"{name}.{key}")
            return problems
        if kind == "list":
            items = data if isinstance(data, list) else [data]
            return [problem for item in items for problem in self.data(shape.member, item, name)]
        if kind == "map":
            return [] if isinstance(data, dict) else [f"{name} is a map"]
        text = str(data)
        if isinstance(data, (dict, list)):
            return [f"{name} is {kind}, not `{data}`"]
        if OPAQUE in text or "$" in text or "…" in text or "?" == text:
            return []
        if getattr(shape, "enum", None) and text not in shape.enum:
            return [f"{name}: `{text}` is none of {', '.join(shape.enum[:12])}"]
        if kind in ("integer", "long") and not re.fullmatch(r"-?\d+", text):
            return [f"{name}: `{text}` is no whole number"]
        if kind in ("double", "float") and not re.fullmatch(r"-?\d+(\.\d+)?", text):
            return [f"{name}: `{text}` is no number"]
        if kind == "boolean" and text.lower() not in ("true", "false"):
            return [f"{name}: `{text}` is neither true nor false"]
        return []


def self_test():
    """The checker can fail."""
    good = [
        "aws rds modify-db-instance --db-instance-identifier ec-db --no-multi-az --region eu-west-1",
        "X=$(aws sts get-caller-identity --query Account --output text)",
        "aws ec2 describe-vpcs --filters Name=vpc-id,Values=vpc-1,vpc-2  # a comment",
        'for X in $(aws ecs list-clusters --query "clusterArns[]"); do\n  aws rds wait db-instance-available\ndone',
        "cat > a.json <<'END'\n[{\"Key\": \"a\", \"Value\": \"b\"}]\nEND\n"
        "aws elbv2 modify-load-balancer-attributes --load-balancer-arn a --attributes file://a.json",
    ]
    bad = {
        "aws rdss describe-db-instances": "no such service",
        "aws rds describe-db-instance": "no such operation",
        "aws rds modify-db-instance --db-instance-identifier a --multi-azz": "no --multi-azz",
        "aws rds modify-db-instance --multi-az": "lacks --db-instance-identifier",
        "echo $(aws rds modify-db-instance --multi-az)": "lacks --db-instance-identifier",
        "aws rds wait db-instance-there": "no such waiter",
        "aws wafv2 list-web-acls --scope LOCAL": "none of",
        "aws ec2 describe-vpcs --filters Nam=vpc-id,Values=a": "no Nam",
        "aws logs put-retention-policy --log-group-name a --retention-in-days many": "no whole number",
        "aws sts get-caller-identity --query 'Account['": "--query",
        "cat > a.json <<'END'\n[{\"Keys\": \"a\"}]\nEND\n"
        "aws elbv2 modify-load-balancer-attributes --load-balancer-arn a --attributes file://a.json": "no Keys",
        "aws rds modify-db-instance --db-instance-identifier $(echo a": "never closed",
    }
    for script in good:
        checker = Checker()
        checker.script(script, "good")
        assert not checker.problems and checker.count, (script, checker.problems)
    for script, expected in bad.items():
        checker = Checker()
        checker.script(script, "bad")
        assert any(expected in problem for problem in checker.problems), (script, checker.problems)


def main(paths):
    self_test()
    checker, covered = Checker(), set()
    for path in paths:
        for fix in json.loads(pathlib.Path(path).read_text())["fixes"]:
            policy = fix["findings"][0]["policy"]
            covered.update(finding["policy"] for finding in fix["findings"])
            # All of a cause at once, then what else its first policy offers.
            chosen = "+".join(option["id"] for option in fix["options"])
            for option in [fix, *fix["alternatives"]]:
                where = f"{policy}/{option.get('id', chosen)}"
                for part in ("cli", "check", "undo"):
                    for text in sorted(set(option[part].values())):
                        checker.script(text, f"{where} {part}")
                if option["cli"]["en"] and not (option["check"]["en"] and option["undo"]["en"]):
                    checker.problems.append(f"{where}: lacks check or undo")
    with_commands = {
        path.stem
        for path in ROOT.glob("policies/*/*.yaml")
        if re.search(r"^    cli:", path.read_text(), re.M)
    }
    missing = sorted(with_commands - covered)
    problems = sorted(set(checker.problems)) + [f"{policy}: fails on no account, not checked" for policy in missing]
    print("\n".join(problems) or f"{checker.count} commands of {len(covered)} policies are sound")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
