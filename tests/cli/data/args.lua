-- Prints its arguments.
task.show = function(ctx)
  for i = 1, #arg do
    print(arg[i])
  end
end

workflow "args" (function(wf) end)
