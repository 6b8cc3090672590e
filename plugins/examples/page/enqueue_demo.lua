-- Enqueueing additional work: a task made while the workflow runs, and the normal successors as well.

task.process = function(ctx)
  task.extra_logging = function()
    print("Extra logging task")
  end

  -- Enqueue: Add extra_logging, then continue to normal successors
  ctx:next_task(extra_logging) -- no "goto" is the default

  print("Main processing")
end

task.continuation = function()
  print("Normal continuation")
end

workflow "enqueue_demo" (function(wf)
  process >> continuation
  wf:execute()
end)
