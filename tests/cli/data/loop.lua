-- A task that never comes back.
task.spin = function(ctx)
  local n = 0
  while true do
    n = n + 1
  end
end

workflow "loop" (function(wf) end)
