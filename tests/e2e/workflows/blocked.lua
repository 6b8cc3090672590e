-- A join that waits for ever: `a` jumps over it.
task.start = function() end
task.a = function(ctx)
  ctx:next_task(b, "goto")
end
task.b = function() end
task.join = {join = "all", function() end}
task.report = function() end

start >> (a | b) >> join >> report
