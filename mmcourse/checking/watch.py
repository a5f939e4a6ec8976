"""What is watched while an answer runs: time, memory, devices."""

import ctypes
import signal
import threading
import weakref
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class TookTooLong(BaseException):
    """Raised inside an answer that runs past its time. Not an `Exception`: `except Exception` lets it through."""


@contextmanager
def time_limit(seconds: float):
    """Stops the block with `TookTooLong` after `seconds`, and again each second while it goes on.

    By an alarm signal where there is one (Linux, macOS, the main thread: also interrupts `sleep`);
    elsewhere from a second thread, between two Python instructions. A single torch call runs to its end.
    """
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():

        def alarm(*_):
            raise TookTooLong

        before = signal.signal(signal.SIGALRM, alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        return

    thread, done = threading.get_ident(), threading.Event()

    def stop():
        wait = seconds
        while not done.wait(wait):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TookTooLong))
            wait = 1.0

    threading.Thread(target=stop, daemon=True).start()
    try:
        yield
    finally:
        done.set()


class MemoryWatch(TorchDispatchMode):
    """Counts the bytes of tensors made inside that are alive at once; `.peak` is the most there were.

    Every tensor that a torch operation returns is counted once by its storage, and no longer when it is freed.
    What an operation uses inside itself is not seen.
    """

    def __init__(self, *known: Tensor):
        super().__init__()
        self.peak = self.alive = 0
        self._seen = {id(t.untyped_storage()) for t in known}
        self._known = [t.untyped_storage() for t in known]  # kept alive, so that their ids stay theirs

    def _freed(self, key: int, size: int) -> None:
        self._seen.discard(key)
        self.alive -= size

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                key, size = id(storage), storage.nbytes()
                if key not in self._seen:
                    self._seen.add(key)
                    weakref.finalize(storage, self._freed, key, size).atexit = False
                    self.alive += size
        self.peak = max(self.peak, self.alive)
        return out


class MixedDevices(RuntimeError):
    """An operation was given tensors of two devices."""


class OneDevice(TorchDispatchMode):
    """Refuses operations that mix devices, as a GPU would, so that meta tensors can stand in for one.

    As on a GPU, a number on the CPU (a tensor without axes) may meet any tensor, a copy may cross, and a tensor
    may be indexed by one on the CPU.
    """

    CROSSING = ("aten::_to_copy", "aten::copy_", "aten::to")
    INDEXING = ("aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = func._schema.name
        if name not in self.CROSSING:
            judged = args[:1] if name in self.INDEXING else (args, kwargs)
            devices = {t.device.type for t in tree_leaves(judged) if isinstance(t, Tensor) and t.ndim > 0}
            if len(devices) > 1:
                raise MixedDevices(name.removeprefix("aten::"))
        return func(*args, **kwargs)


def to_meta(value: Tensor) -> Tensor:
    """A tensor like `value` on the meta device: shape and dtype without values."""
    return torch.empty_like(value, device="meta")
