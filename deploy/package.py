#!/usr/bin/env python3
"""Makes the package of a Lambda function: a zip with the stripped binary as `bootstrap`.

    package.py BINARY ZIP

Refuses a binary that asks for a newer C library than Amazon Linux 2023 has. The same binary
gives the same bytes. Needs objdump and strip, which come with the C linker that Rust needs.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Amazon Linux 2023, on which provided.al2023 is built.
GLIBC = (2, 34)
# What Lambda takes in one direct upload; through S3 it takes 250 MB unpacked.
MOST_BYTES = 50 * 1024 * 1024


def newest_glibc(binary):
    symbols = subprocess.run(["objdump", "-T", binary], check=True, capture_output=True, text=True).stdout
    versions = {tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_(\d+(?:\.\d+)+)", symbols)}
    if not versions:
        sys.exit(f"{binary}: it asks for no C library; is it a Linux binary?")
    return max(versions)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, package = Path(sys.argv[1]), Path(sys.argv[2])
    needed = newest_glibc(binary)
    if needed > GLIBC:
        sys.exit(
            f"{binary} needs GLIBC {'.'.join(map(str, needed))}, and Lambda has {'.'.join(map(str, GLIBC))}; "
            "build it on Debian 12, Ubuntu 22.04 or Amazon Linux 2023, or with `cargo zigbuild --target "
            "x86_64-unknown-linux-gnu.2.34`"
        )
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        bootstrap = Path(folder) / "bootstrap"
        subprocess.run(["strip", "-o", bootstrap, binary], check=True)
        entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o100755 << 16
        entry.create_system = 3
        entry.compress_type = zipfile.ZIP_DEFLATED
        data = bootstrap.read_bytes()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr(entry, data, compresslevel=9)
    size = package.stat().st_size
    print(f"{package}: {size / 1e6:.1f} MB, {len(data) / 1e6:.1f} MB unpacked, GLIBC {'.'.join(map(str, needed))}")
    if size > MOST_BYTES:
        sys.exit(f"{package} is larger than the {MOST_BYTES // 1024 // 1024} MB that Lambda takes directly")


if __name__ == "__main__":
    main()
