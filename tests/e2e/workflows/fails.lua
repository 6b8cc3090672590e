-- The second task fails with a traceback of some depth.
task.prepare = function(ctx)
  ctx.channel.answer = 42
end

local function look_up(table_of_things, name)
  return table_of_things[name].value
end

task.use = function(ctx)
  print(look_up({}, "nothing"))
end

task.report = function()
  print("never")
end

prepare >> use >> report
