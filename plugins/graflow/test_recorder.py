"""Tests of flowdbg_recorder.py, against a small stand-in for the package: the same hooks in the same order.

FLOWDBG names the program that imports what was recorded; without it those tests are left out."""

import json
import math
import os
import subprocess
import sys
import tempfile
import types
import unittest
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flowdbg_recorder import FlowdbgRecorder, to_json  # noqa: E402


class Channel:
    def __init__(self):
        self.data = {}

    def set(self, key, value, ttl=None):
        self.data[key] = value

    def get(self, key, default=None):
        return self.data.get(key, default)

    def delete(self, key):
        return self.data.pop(key, None) is not None

    def keys(self):
        return list(self.data)

    def clear(self):
        self.data.clear()


class Task:
    def __init__(self, task_id, func, max_retries=0):
        self.task_id, self.func, self.max_retries = task_id, func, max_retries


class Context:
    """Context and engine of the stand-in."""

    def __init__(self, tasks, edges, start, tracer, max_steps=100):
        self.tasks = {task.task_id: task for task in tasks}
        self.graph = types.SimpleNamespace(
            nodes=list(self.tasks), edges=edges, get_node=lambda name: self.tasks.get(name)
        )
        self.start_node, self.max_steps, self.tracer = start, max_steps, tracer
        self.channel, self.queue, self.retries = Channel(), [start], {}
        self.ctrl_message = None
        self.current = None
        self.cycles = 0

    def add_to_queue(self, task):
        self.queue.append(task.task_id)
        self.tracer.on_task_queued(task, self)

    def next_task(self, task, goto=False):
        is_new = task.task_id not in self.tasks
        self.tasks.setdefault(task.task_id, task)
        self.add_to_queue(task)
        self.goto_called = goto or not is_new
        self.tracer.on_dynamic_task_added(
            task_id=task.task_id,
            parent_task_id=self.current.task_id,
            is_iteration=False,
            metadata={"task_type": "Task", "is_new_task": is_new, "goto": goto},
        )

    def next_iteration(self):
        self.cycles += 1
        base = self.current.task_id.split("_cycle_")[0]
        task = Task(f"{base}_cycle_{self.cycles}", self.current.func)
        self.tasks[task.task_id] = task
        self.add_to_queue(task)
        self.tracer.on_dynamic_task_added(
            task_id=task.task_id, parent_task_id=self.current.task_id, is_iteration=True, metadata={}
        )

    def terminate_workflow(self, message):
        self._terminate_called_in_current_task, self.ctrl_message = True, message

    def cancel_workflow(self, message):
        self._cancel_called_in_current_task, self.ctrl_message = True, message
        raise RuntimeError(message)

    def execute(self, name="stand_in"):
        self.tracer.on_workflow_start(name, self)
        for _ in range(self.max_steps):
            if not self.queue or not self.step(self.tasks[self.queue.pop(0)]):
                break
        self.tracer.on_workflow_end(name, self)

    def step(self, task):
        self.current, self.goto_called = task, False
        self._terminate_called_in_current_task = self._cancel_called_in_current_task = False
        self.tracer.on_task_start(task, self)
        try:
            result = task.func(self)
        except Exception as error:
            self.channel.set(f"{task.task_id}.__result__", f"<{type(error).__name__}: {error}>")
            self.tracer.on_task_end(task, self, error=error)
            used = self.retries.get(task.task_id, 0)
            if used >= task.max_retries:
                if self._cancel_called_in_current_task:
                    return False
                raise
            self.retries[task.task_id] = used + 1
            self.add_to_queue(task)
            return True
        self.channel.set(f"{task.task_id}.__result__", result)
        self.tracer.on_task_end(task, self, result=result)
        if self._terminate_called_in_current_task:
            return False
        for source, target in self.graph.edges:
            if source == task.task_id and not self.goto_called:
                self.add_to_queue(self.tasks[target])
        return True


class Recorded(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "run.jsonl")

    def record(self, tasks, edges=(), start="a", error=None, prepare=None, **options):
        recorder = FlowdbgRecorder(self.path, **options)
        context = Context(tasks, list(edges), start, recorder)
        if prepare:
            prepare(context)
        with recorder:
            if error:
                with self.assertRaises(error):
                    context.execute()
            else:
                context.execute()
        return context

    def lines(self, *kinds):
        with open(self.path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(lines[0]["format"], "flowdbg-trace")
        return [line for line in lines[1:] if not kinds or line["kind"] in kinds]

    def dump(self):
        program = os.environ.get("FLOWDBG")
        if not program:
            self.skipTest("FLOWDBG names no program")
        trace = self.path + ".trace"
        subprocess.run(
            [program, "trace", "import", self.path, "-o", trace], check=True, stdout=subprocess.DEVNULL
        )
        done = subprocess.run([program, "trace", "dump", trace], check=False, capture_output=True, text=True)
        return [line.split(None, 1)[1] for line in done.stdout.splitlines()]


class TestRecorder(Recorded):
    def test_successors_and_results(self):
        a = Task("a", lambda c: c.channel.set("x", 1) or "done")
        self.record([a, Task("b", lambda c: None)], [("a", "b")])
        self.assertEqual(
            [(line["task"], line["reason"], line["other"]) for line in self.lines("enqueued")],
            [("b", "successor", "a")],
        )
        self.assertEqual(self.lines("returned")[0]["value"], "done")
        self.assertEqual([line["key"] for line in self.lines("channel set")], ["x", "a.__result__", "b.__result__"])
        self.assertEqual(self.lines("run ended")[0]["code"], "completed")
        self.assertEqual(
            [line for line in self.dump() if not line.startswith(("task", "run of"))],
            [
                "edge a -> b",
                "enqueued a (start)",
                "took a from the queue",
                "step 1 started: a",
                "x = 1",
                'a.__result__ = "done"',
                'a returned "done"',
                "enqueued b (successor of a)",
                "step 1 ended: a completed",
                "took b from the queue",
                "step 2 started: b",
                "b.__result__ = null",
                "b returned null",
                "step 2 ended: b completed",
                "run ended: completed",
            ],
        )

    def test_tasks_made_at_run_time(self):
        def make(context):
            context.next_task(Task("new", lambda c: None))
            context.next_task(context.tasks["c"], goto=True)

        self.record([Task("a", make), Task("c", lambda c: None)], [("a", "c")])
        self.assertEqual(
            [(line["code"], line["task"]) for line in self.lines("request")], [("next_task", "new"), ("goto", "c")]
        )
        self.assertEqual([line.get("other") for line in self.lines("task added")], [None, None, "a"])
        dumped = self.dump()
        self.assertIn("task new added by a", dumped)
        self.assertIn("calls next_task(c, goto)", dumped)
        self.assertIn("enqueued c (goto by a)", dumped)

    def test_iterations(self):
        def again(context):
            if context.cycles < 2:
                context.next_iteration()

        self.record([Task("a", again)])
        self.assertEqual([line["reason"] for line in self.lines("enqueued")], ["iteration", "iteration"])
        self.assertIn("step 3 started: a_cycle_2", self.dump())

    def test_retry(self):
        def fail_once(context):
            if not context.retries:
                raise ValueError("boom")

        self.record([Task("a", fail_once, max_retries=1)])
        self.assertEqual([line["code"] for line in self.lines("step ended")], ["failed, will be retried", "completed"])
        self.assertEqual(self.lines("error")[0]["text"], "ValueError: boom")
        self.assertIn("ValueError: boom", self.lines("error")[0]["detail"])
        dumped = self.dump()
        self.assertIn("enqueued a (retry)", dumped)
        self.assertEqual(dumped[-1], "run ended: completed")

    def test_a_failure_that_ends_the_run(self):
        def fail(context):
            raise KeyError("missing")

        self.record([Task("a", fail)], error=KeyError)
        self.assertEqual(self.lines("run ended")[0]["code"], "failed")
        self.assertEqual(self.dump()[-1], "run ended: failed by a")

    def test_terminate_and_cancel(self):
        self.record([Task("a", lambda c: c.terminate_workflow("enough"))])
        self.assertEqual(self.dump()[-1], "run ended: terminated by a: enough")
        os.unlink(self.path + ".trace")
        self.record([Task("a", lambda c: c.cancel_workflow("invalid"))])
        self.assertEqual(self.dump()[-1], "run ended: cancelled by a: invalid")

    def test_the_channel_before_the_run_and_deletions(self):
        def body(context):
            context.channel.set("n", 2)
            context.channel.delete("n")
            context.channel.clear()

        self.record([Task("a", body)], prepare=lambda c: c.channel.set("n", 1))
        dumped = self.dump()
        self.assertIn("n = 1", dumped)
        self.assertIn("n: 1 -> 2", dumped)
        self.assertEqual(len([line for line in dumped if line.startswith("n deleted")]), 1)

    def test_redacted_keys(self):
        self.record([Task("a", lambda c: c.channel.set("token", "s3cret"))], redact={"token"})
        with open(self.path, encoding="utf-8") as file:
            self.assertNotIn("s3cret", file.read())

    def test_a_process_that_dies_leaves_whole_lines(self):
        recorder = FlowdbgRecorder(self.path)
        context = Context([Task("a", lambda c: None)], [], "a", recorder)
        recorder.on_workflow_start("w", context)
        recorder.on_task_start(context.tasks["a"], context)
        self.assertEqual(self.lines()[-1]["kind"], "step started")
        self.assertEqual(self.dump()[-1], "step 1 started: a")
        recorder.close()

    def test_a_recorder_that_fails_does_not_disturb_the_run(self):
        recorder = FlowdbgRecorder(self.path)
        recorder._write = None
        context = Context([Task("a", lambda c: "fine")], [], "a", recorder)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            context.execute()
        self.assertEqual(context.channel.get("a.__result__"), "fine")
        self.assertEqual(len(caught), 1)
        recorder.close()

    def test_an_inner_tracer_sees_everything(self):
        seen = []

        class Inner:
            def __getattr__(self, name):
                return lambda *args, **kwargs: seen.append(name)

        self.record([Task("a", lambda c: None)], inner=Inner())
        self.assertEqual(seen, ["on_workflow_start", "on_task_start", "on_task_end", "on_workflow_end"])

    def test_tasks_inside_of_a_task_are_noted(self):
        def group(context):
            member = Task("member", None)
            context.tracer.on_task_start(member, context)
            context.tracer.on_task_end(member, context, result=1)

        self.record([Task("a", group)])
        self.assertEqual(len(self.lines("step started")), 1)
        self.assertEqual(self.lines("log")[0]["text"], "member runs inside of a")
        self.assertEqual(self.dump()[-1], "run ended: completed")


class TestValues(unittest.TestCase):
    def test_values(self):
        class Point:
            def __repr__(self):
                return "Point(1, 2)"

        class Bad:
            def __repr__(self):
                raise ValueError

        rows = [
            (None, None),
            (True, True),
            (7, 7),
            (2**53 + 1, {"$i": str(2**53 + 1)}),
            (2**64, {"$o": ["int", str(2**64)]}),
            (0.5, 0.5),
            (math.nan, {"$f": "nan"}),
            (-math.inf, {"$f": "-inf"}),
            ("text", "text"),
            (b"\x00\xff", {"$b": "AP8="}),
            ((1, [2]), [1, [2]]),
            ({"a": {"b": 1}}, {"a": {"b": 1}}),
            ({"$ref": 1, "b": 2}, {"$m": [["$ref", 1], ["b", 2]]}),
            ({1: 2}, {"$o": ["dict", "{1: 2}"]}),
            ({3}, {"$o": ["set", "{3}"]}),
            (Point(), {"$o": ["Point", "Point(1, 2)"]}),
            (Bad(), {"$o": ["Bad", "(repr failed: ValueError)"]}),
        ]
        for value, expected in rows:
            with self.subTest(expected=expected):
                self.assertEqual(to_json(value), expected)

    def test_bounds(self):
        self.assertEqual(to_json("x" * 20, limit=5), {"$o": ["str", "'xxxx..."]})
        endless = []
        endless.append(endless)
        json.dumps(to_json(endless))


if __name__ == "__main__":
    unittest.main()
