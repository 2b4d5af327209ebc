"""The arguments of Terraform's AWS provider, out of a package that carries its schema as typed classes: the wheel of
cdktf-cdktf-provider-aws, which is read and not installed.

    mocks/build/terraform_schema.py WHEEL TYPE... > src/terraform/schema.tsv
"""

import ast
import dataclasses
import functools
import re
import sys
import zipfile

PACKAGE = "cdktf_cdktf_provider_aws"
# What the classes add to the provider's arguments.
NOT_ARGUMENTS = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}


@dataclasses.dataclass(frozen=True)
class Argument:
    """An argument or a block of a resource or of another block."""

    name: str
    is_required: bool
    # The class of a block, None of an argument.
    block: str | None
    is_repeated: bool
    # Whether the package does not say what is in it.
    is_free: bool


class Schema:
    """The resources and data sources of one version of the provider."""

    def __init__(self, wheel):
        self.archive = zipfile.ZipFile(wheel)
        names = self.archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        version = re.search(r"hashicorp/aws provider version (\S+)", self.archive.read(metadata).decode())
        self.version = version.group(1)

    @functools.lru_cache(maxsize=None)
    def _source(self, module):
        return self.archive.read(f"{PACKAGE}/{module}/__init__.py").decode()

    @functools.lru_cache(maxsize=None)
    def arguments(self, module, name):
        """Of a class: names to arguments."""
        source = self._source(module)
        start = re.search(rf"\nclass {name}[(:]", source).start()
        begin = source.index("def __init__(", start)
        end = source.index(") -> None:", begin)
        signature = ast.parse(f"{source[begin:end]}): pass").body[0].args
        documentation = source[end : source.index("'''", source.index("'''", end) + 3)]
        # As the provider's documentation writes it.
        written = dict(re.findall(r":param (\w+): .*?#(\w+) \w+#\w+\}", documentation))
        arguments = {}
        for parameter, default in zip(signature.kwonlyargs, signature.kw_defaults):
            if parameter.arg in NOT_ARGUMENTS or parameter.arg not in written:
                continue
            kind = ast.unparse(parameter.annotation)
            block = re.search(r"typing\.Union\['?(\w+)'?, typing\.Dict\[", kind)
            argument = written[parameter.arg]
            is_required = default is None
            arguments[argument] = Argument(argument, is_required, block and block.group(1), "Sequence" in kind, kind == "typing.Any")
        return arguments

    def _module(self, type_name, is_data):
        if not type_name.startswith("aws_"):
            return None
        module = f"data_{type_name}" if is_data else type_name.removeprefix("aws_")
        return module if f"{PACKAGE}/{module}/__init__.py" in self.archive.NameToInfo else None

    def resource(self, type_name, is_data=False):
        """The module and the arguments of a type; None where the provider has no such type."""
        module = self._module(type_name, is_data)
        if module is None:
            return None
        found = re.search(r"\nclass (\w+Config[A-Z]?)\(\s*_\w+\.TerraformMetaArguments\b", self._source(module))
        if found is None:
            raise LookupError(f"no arguments of {type_name} in {module}")
        return module, self.arguments(module, found.group(1))


def main():
    schema = Schema(sys.argv[1])
    print(f"# Arguments of hashicorp/aws {schema.version}, by mocks/build/terraform_schema.py: type, required ones, blocks that come once,")
    print("# blocks that repeat, other arguments.")
    for type_name in sorted(sys.argv[2:]):
        _, arguments = schema.resource(type_name)
        # `id` is none, `timeouts` are no part of the resource, and what is only written is never read back.
        kept = [
            argument
            for argument in arguments.values()
            if argument.name not in ("id", "region", "tags_all", "timeouts") and not re.search(r"_wo(_version)?$", argument.name)
        ]
        columns = [
            [argument.name for argument in kept if argument.is_required],
            [argument.name for argument in kept if argument.block and not argument.is_repeated],
            [argument.name for argument in kept if argument.block and argument.is_repeated],
            [argument.name for argument in kept if not argument.block],
        ]
        print("\t".join([type_name, *(",".join(sorted(column)) for column in columns)]))


if __name__ == "__main__":
    main()
