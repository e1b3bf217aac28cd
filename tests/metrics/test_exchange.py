"""Workers tell their figures to one another, whatever befalls one of them."""

from __future__ import annotations

import errno
import os
import socket
import threading
from secrets import token_hex

from authsvc.metrics.exchange import _ask, _tell
from authsvc.metrics.worker_figures import Figures


class Exhausted(socket.socket):
    """A socket of a process that has no file left to open, the first time somebody calls."""

    refusals = 1

    def accept(self) -> tuple[socket.socket, object]:
        """Take a call; raises as the kernel does."""
        if self.refusals:
            self.refusals -= 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return super().accept()


def test_a_worker_that_had_too_many_files_open_tells_its_figures_afterwards() -> None:
    figures: Figures = {"authsvc_copies": [({}, 7.0)]}
    name = f"\0authsvc-{token_hex(8)}-1"
    listening = Exhausted(socket.AF_UNIX)
    listening.bind(name)
    listening.listen()
    threading.Thread(target=_tell, args=(listening, lambda: figures), daemon=True).start()
    # One question may be over before it is answered; the next is not.
    assert [told for told in (_ask(name), _ask(name)) if told]
