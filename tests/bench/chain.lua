-- A chain of 1,000 tasks that do nothing: what a Lua step costs beside its body.

task.nothing = function(ctx) end

workflow "chain" (function(wf)
  local previous = nothing{task_id = "task1"}
  for i = 2, 1000 do
    local following = nothing{task_id = "task" .. i}
    local _ = previous >> following
    previous = following
  end
end)
