"""Fails if the wheel lacks a file of the packages, or holds one of anything else.

Usage: wheel_holds_everything.py WHEEL, in the root of the checkout.
"""

import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

ROOTS = {"reinforce": Path("src/reinforce"), "reinforce_adapters": Path("adapters/reinforce_adapters")}

with zipfile.ZipFile(sys.argv[1]) as wheel:
    held = {PurePosixPath(name) for name in wheel.namelist() if ".dist-info/" not in name}
    data = [name for name in wheel.namelist() if ".dist-info/licenses/" in name]
listed = subprocess.run(  # noqa: S603 -- the arguments are above
    ["git", "ls-files", "-z", *map(str, ROOTS.values())],  # noqa: S607 -- whichever git the machine has
    check=True,
    capture_output=True,
    text=True,
).stdout.split("\0")
wanted = {
    PurePosixPath(package, *Path(path).relative_to(root).parts)
    for path in filter(None, listed)
    for package, root in ROOTS.items()
    if Path(path).is_relative_to(root)
}
missing, surplus = sorted(map(str, wanted - held)), sorted(map(str, held - wanted))
if missing or surplus or not data:
    sys.exit(f"the wheel lacks {missing}, holds {surplus} that is not ours, and has the licences {data}")
print(f"all {len(wanted)} files and {len(data)} licences are in the wheel")  # noqa: T201 -- a script prints
