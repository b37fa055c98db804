"""An installation of Aqtra in one process, with a temporary data folder."""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

START_SECONDS = 90
STOP_SECONDS = 45
PR_SET_PDEATHSIG = 1


def free_address() -> str:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"localhost:{s.getsockname()[1]}"


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Installation:
    """A running installation; use it in a with statement."""

    def __init__(self, binaries: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aqtra-integrations-"))
        self.folder.chmod(0o755)  # Postgres runs as another user and must get in
        self.log = self.folder / "log"
        address = free_address()
        self.url = "https://" + address
        self.authority = self.folder / "data" / "certs" / "ca.crt"
        env = {k: v for k, v in os.environ.items() if not k.startswith("AQTRA_")}
        env |= {
            "AQTRA_DATA": str(self.folder / "data"),
            "AQTRA_LISTEN": address,
            "AQTRA_PUBLIC_URL": self.url,
            "AQTRA_METRICS_LISTEN": free_address(),
            "AQTRA_LOG_FORMAT": "json",
            # One address plays everybody, and guesses passwords.
            "AQTRA_GATEWAY_ADDRESS_RATE": "10000",
            "AQTRA_GATEWAY_ADDRESS_BURST": "10000",
            "AQTRA_GATEWAY_IDENTITY_SIGN_UPS": "10000",
            "AQTRA_GATEWAY_IDENTITY_GUESSES": "1000",
        }
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [binaries / "aqtra"], env=env, stdout=out, stderr=out, cwd=self.folder, preexec_fn=die_with_parent
            )

    def __enter__(self) -> "Installation":
        end = time.monotonic() + START_SECONDS
        while "Aqtra is ready at" not in self.text() or "/setup#token=" not in self.text():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"the installation did not start:\n{self.text()[-4000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        code = self.stop()
        if kind is not None:
            print(f"data and log are kept in {self.folder}")
            return
        if code != 0:
            raise RuntimeError(f"the installation ended with code {code}:\n{self.text()[-4000:]}")
        shutil.rmtree(self.folder)

    def stop(self) -> int:
        """Stop it and return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def setup_token(self) -> str:
        """The one-time token of the first administrator."""
        found = re.search(r"/setup#token=([A-Za-z0-9_.-]+)", self.text())
        if found is None:
            raise RuntimeError("there is no link to the setup")
        return found[1]
