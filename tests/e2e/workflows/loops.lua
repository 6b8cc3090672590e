-- Goes on until the step limit; `after` is held meanwhile.
task.loop = function(ctx)
  ctx.channel.count = ctx.channel:get("count", 0) + 1
  ctx:next_iteration()
end
task.after = function() end

loop >> after
