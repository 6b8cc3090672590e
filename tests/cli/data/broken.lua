-- Does not parse.
task.a = function(ctx)
  local x = = 3
end
