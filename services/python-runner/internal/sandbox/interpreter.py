# Prints what has to be readable for this interpreter to run. Shared objects are found by loading every extension module.
import ctypes
import glob
import importlib
import json
import os
import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed")
library = [p for p in sys.path if os.path.exists(p)]
for folder in library:
    for path in glob.glob(os.path.join(folder, "*.so")):
        try:
            importlib.import_module(os.path.basename(path).split(".")[0])
        except BaseException:
            pass  # one that this machine cannot load need not be readable
# Wheels with C++ or OpenMP need these of the system.
for name in ("libstdc++.so.6", "libgcc_s.so.1", "libgomp.so.1"):
    try:
        ctypes.CDLL(name)
    except OSError:
        pass
with open("/proc/self/maps") as maps:
    mapped = {line.split(maxsplit=5)[5].strip() for line in maps if "/" in line}
executable = os.path.realpath(sys.executable)
mapped = {p for p in mapped if p.startswith("/") and p != executable and os.path.isfile(p)}
loader = next((p for p in mapped if os.path.basename(p).startswith("ld-")), "")
read = library + sorted(mapped) + ["/etc/ld.so.cache", "/usr/share/zoneinfo"]
print(json.dumps({"executable": executable, "loader": loader, "read": read}))
