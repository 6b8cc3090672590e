-- A task that raises an error.
task.before = function(ctx)
  print("before")
end

task.culprit = function(ctx)
  local function inner()
    error("no such luck")
  end
  inner()
end

workflow "fails" (function(wf)
  before >> culprit
end)
