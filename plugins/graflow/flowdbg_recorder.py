"""Records a run of the Graflow package for flowdbg.

    from flowdbg_recorder import FlowdbgRecorder

    with FlowdbgRecorder("run.jsonl") as recorder:
        context = ExecutionContext.create(graph, "fetch", tracer=recorder)
        WorkflowEngine().execute(context)

    $ flowdbg trace import run.jsonl && flowdbg replay run.trace

One file, standard library only. A line of JSON is written for everything that happens, at once: what a crash leaves is a
trace of the run up to there. A failure of the recorder never reaches the workflow: recording ends, with one warning.
"""

import functools
import json
import math
import os
import threading
import time
import traceback
import warnings

try:  # beside the package its own tracer is the base: it keeps the runtime graph that others read
    from graflow.trace.noop import NoopTracer as _Base
except ImportError:
    _Base = object

__all__ = ["FlowdbgRecorder", "to_json"]

_SAFE_INTEGER = 2**53
_DEPTH_MAX = 100


def _printed(value, limit):
    try:
        text = repr(value)
    except Exception as error:  # a repr is the user's code
        text = f"(repr failed: {type(error).__name__})"
    text = text if len(text) <= limit else text[:limit] + "..."
    return {"$o": [type(value).__name__, text.replace("\0", "\\0")]}


def to_json(value, limit=65536, depth=0):
    """A value as the text form of a trace writes it (docs/trace-text.md). What has no form of its own, is nested too
    deep or has more than `limit` items or characters becomes its type and printed form."""
    if value is None or isinstance(value, bool):
        return value
    kind = type(value)
    if kind is int:
        if -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
            return value
        return {"$i": str(value)} if -(2**63) <= value < 2**63 else _printed(value, limit)
    if kind is float:
        return value if math.isfinite(value) else {"$f": "nan" if value != value else "inf" if value > 0 else "-inf"}
    if kind is str:
        return value if len(value) <= limit else _printed(value, limit)
    if kind in (bytes, bytearray) and len(value) <= limit:
        import base64

        return {"$b": base64.b64encode(value).decode("ascii")}
    if depth >= _DEPTH_MAX:
        return {"$o": [kind.__name__, "(nested too deep)"]}
    if kind in (list, tuple) and len(value) <= limit:
        return [to_json(item, limit, depth + 1) for item in value]
    if kind is dict and len(value) <= limit and all(type(key) is str for key in value):
        members = {key: to_json(item, limit, depth + 1) for key, item in value.items()}
        if any(key.startswith("$") for key in members):
            return {"$m": [[key, item] for key, item in members.items()]}
        return members
    return _printed(value, limit)


def _guarded(hook):
    """A hook that never raises, and that calls the same hook of the inner tracer or of the base first."""

    @functools.wraps(hook)
    def wrapped(self, *args, **kwargs):
        name = hook.__name__
        other = self._inner if self._inner is not None else super(FlowdbgRecorder, self)
        forward = getattr(other, name, None)
        if forward is not None:
            forward(*args, **kwargs)
        self._try(hook, *args, **kwargs)

    return wrapped


def _location(task):
    for name in ("func", "_func", "fn"):
        code = getattr(getattr(task, name, None), "__code__", None)
        if code is not None:
            return f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}"
    return None


class FlowdbgRecorder(_Base):
    """A tracer that writes what happens to a file.

    path    the file; it is made anew, readable by its owner only
    inner   another tracer, which gets every call first
    redact  names of channel keys whose values are not to be written (a set, or a function of the name)
    limit   longest text and largest container that is written whole
    """

    def __init__(self, path, inner=None, redact=(), limit=65536):
        if _Base is not object:
            super().__init__()
        self._inner = inner
        self._redact = redact if callable(redact) else frozenset(redact).__contains__
        self._limit = limit
        self._lock = threading.RLock()
        self._is_broken = False
        self._is_over = False
        self._start_ns = time.monotonic_ns()
        self._tasks = set()
        self._running = None  # id of the task whose body runs
        self._nested = 0  # tasks that run inside of it
        self._returned = None  # id of the task that came back and whose step is not closed yet
        self._step_code = None
        self._has_failed = False
        self._pending = None  # a task that was queued; why is said by the next hook
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="ascii", buffering=1, newline="\n")
        self._file.write('{"format":"flowdbg-trace","version":1,"producer":"flowdbg_recorder.py"}\n')

    # Writing

    def _try(self, call, *args, **kwargs):
        with self._lock:
            if self._is_broken or self._file.closed:
                return
            try:
                call(self, *args, **kwargs)
            except Exception as error:
                self._is_broken = True
                warnings.warn(f"flowdbg: recording ends here: {type(error).__name__}: {error}", RuntimeWarning)

    def _write(self, kind, **fields):
        line = {"kind": kind, "t": time.monotonic_ns() - self._start_ns}
        line.update((name, value) for name, value in fields.items() if value is not None)
        self._file.write(json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n")

    def _value(self, value):
        return to_json(value, self._limit)

    # What is known of the graph

    def _add_task(self, task_id, creator=None, task=None):
        if task_id in self._tasks:
            return
        self._tasks.add(task_id)
        self._write(
            "task added",
            task=task_id,
            other=creator if creator in self._tasks else None,
            detail=_location(task),
            origin="task" if creator else "engine",
        )

    def _add_graph(self, graph):
        if hasattr(graph, "nx_graph"):
            graph = graph.nx_graph()
        nodes = getattr(graph, "nodes", None)
        edges = getattr(graph, "edges", None)
        nodes = nodes() if callable(nodes) else nodes or ()
        get_node = getattr(graph, "get_node", lambda name: None)
        for task_id in list(nodes):
            self._add_task(str(task_id), task=get_node(task_id))
        edges = edges() if callable(edges) else edges or ()
        for edge in list(edges):
            self._write("edge added", task=str(edge[0]), other=str(edge[1]))

    # The queue

    def _flush_pending(self, reason=None):
        pending, self._pending = self._pending, None
        if pending is None:
            return
        task_id, source, usual = pending
        self._add_task(task_id, creator=source)
        self._write(
            "enqueued",
            task=task_id,
            other=source,
            reason=reason or usual,
            origin="task" if self._running else "engine",
        )

    def _close_step(self):
        self._flush_pending()
        if self._returned is not None:
            self._write("step ended", task=self._returned, code=self._step_code)
            self._returned = None

    # The channel

    def _watch_channel(self, channel):
        if channel is None or getattr(channel, "_flowdbg_recorder", None) is self:
            return
        set_key, delete, clear = channel.set, channel.delete, getattr(channel, "clear", None)

        @functools.wraps(set_key)
        def recording_set(key, value, *args, **kwargs):
            result = set_key(key, value, *args, **kwargs)
            self._try(FlowdbgRecorder._on_set, key, value)
            return result

        @functools.wraps(delete)
        def recording_delete(key, *args, **kwargs):
            result = delete(key, *args, **kwargs)
            self._try(FlowdbgRecorder._on_delete, key)
            return result

        channel.set, channel.delete = recording_set, recording_delete
        if clear is not None:

            @functools.wraps(clear)
            def recording_clear(*args, **kwargs):
                keys = list(channel.keys())
                result = clear(*args, **kwargs)
                for key in keys:
                    self._try(FlowdbgRecorder._on_delete, key)
                return result

            channel.clear = recording_clear
        channel._flowdbg_recorder = self

    def _on_set(self, key, value):
        self._flush_pending()
        written = {"$o": [type(value).__name__, "redacted"]} if self._redact(key) else self._value(value)
        self._write("channel set", key=str(key), value=written)

    def _on_delete(self, key):
        self._flush_pending()
        self._write("channel deleted", key=str(key))

    # The hooks of a tracer

    @_guarded
    def on_workflow_start(self, workflow_name, context):
        self._write(
            "run started",
            text=str(workflow_name),
            origin="host",
            value={
                "profile": "package",
                "max_steps": self._value(getattr(context, "max_steps", None)),
                "start": self._value(getattr(context, "start_node", None)),
                "recorder": "flowdbg_recorder.py",
            },
        )
        self._add_graph(getattr(context, "graph", None))
        channel = getattr(context, "channel", None)
        for key in list(channel.keys()) if channel is not None else ():
            self._on_set(key, channel.get(key))
        self._watch_channel(channel)

    @_guarded
    def on_task_queued(self, task, context):
        self._flush_pending()
        task_id = str(task.task_id)
        if self._running is not None:
            self._pending = (task_id, self._running, "next_task")
        elif self._returned is None:
            self._pending = (task_id, None, "start")
        elif task_id == self._returned and self._step_code == "failed":
            self._step_code = "failed, will be retried"
            self._has_failed = False
            self._write("retry", task=task_id, count=1)
            self._pending = (task_id, task_id, "retry")
        else:
            self._pending = (task_id, self._returned, "successor")

    @_guarded
    def on_dynamic_task_added(self, task_id, parent_task_id=None, is_iteration=False, metadata=None):
        metadata = metadata or {}
        is_jump = bool(metadata.get("goto")) or metadata.get("is_new_task") is False
        reason = "iteration" if is_iteration else "goto" if is_jump else "next_task"
        request = "next_iteration" if is_iteration else reason
        if self._pending is None or self._pending[0] != task_id:
            self._flush_pending()
        self._add_task(str(task_id), creator=parent_task_id)
        self._write("request", code=request, task=str(task_id))
        self._flush_pending(reason)

    @_guarded
    def on_task_start(self, task, context):
        task_id = str(task.task_id)
        if self._running is not None:
            self._flush_pending()
            self._nested += 1
            self._write("log", text=f"{task_id} runs inside of {self._running}")
            return
        self._close_step()
        self._add_task(task_id, task=task)
        self._write("step started", task=task_id)
        self._running = task_id

    @_guarded
    def on_task_end(self, task, context, result=None, error=None):
        task_id = str(task.task_id)
        if self._nested > 0 and task_id != self._running:
            self._nested -= 1
            return
        self._flush_pending()
        if self._running is None:
            return
        code = "failed" if error is not None else "completed"
        message = getattr(context, "ctrl_message", None)
        for flag, request, outcome in (
            ("_terminate_called_in_current_task", "terminate_workflow", "terminated"),
            ("_cancel_called_in_current_task", "cancel_workflow", "cancelled"),
        ):
            if getattr(context, flag, False):
                self._write("request", code=request, text=str(message or ""))
                code = outcome
        self._write("returned", task=task_id, code=code, value=self._value(result) if error is None else None)
        if error is not None:
            detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            self._write("error", task=task_id, text=f"{type(error).__name__}: {error}", detail=detail, origin="task")
        self._has_failed = code == "failed"
        self._running, self._nested = None, 0
        self._returned, self._step_code = task_id, code
        self._message = message

    @_guarded
    def on_workflow_end(self, workflow_name, context, result=None):
        self._end()

    def _end(self):
        if self._is_over:
            return
        self._is_over = True
        self._flush_pending()
        code = self._step_code if self._step_code in ("terminated", "cancelled") else None
        culprit = self._returned if code or self._has_failed else None
        is_inside = self._running is not None
        self._close_step()
        self._write(
            "run ended",
            code=code or ("failed" if self._has_failed or is_inside else "completed"),
            task=culprit or self._running,
            text=str(self._message) if code and self._message else None,
            origin="host",
        )

    _message = None

    # Its life

    def close(self):
        """Ends the recording. A run that has not told of its end is closed as failed where its last task failed."""
        with self._lock:
            if not self._file.closed:
                self._try(FlowdbgRecorder._end)
                self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def flush(self):
        self._try(lambda self: self._file.flush())

    def shutdown(self):
        self.close()

    def clone(self, trace_id):
        """For a branch that runs in parallel: it is not recorded, since a trace is one order of events."""
        if self._inner is not None:
            return self._inner.clone(trace_id)
        return super().clone(trace_id) if _Base is not object else _Silent()


class _Silent:
    """A tracer that does nothing."""

    def __getattr__(self, name):
        if name.startswith(("on_", "_output_")) or name in ("flush", "shutdown", "attach_to_trace"):
            return lambda *args, **kwargs: None
        raise AttributeError(name)
