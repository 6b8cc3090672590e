-- Names and texts that a screen and a command line must take care with.
task['a "b" c'] = function(ctx)
  print("\27[31mred\27[0m \7 \27]0;owned\7")
  ctx.channel['key "of" words'] = "v\27[2J\n\t"
  ctx.channel["日本語キー"] = "日本語の値"
  ctx.channel.long = ("0123456789"):rep(200)
end
task["日本語タスク"] = function() print("wide: 日本語") end
task["e\u{301}tude"] = function() print("combining: e\u{301}tude") end
task[("a_very_long_name_"):rep(8)] = function() end
task["back\\slash'quote#hash"] = function() end
task["control\27[31m\n"] = function() end

workflow "names" (function(wf)
  local _ = task['a "b" c'] >> task["日本語タスク"] >> task["e\u{301}tude"]
  local _ = task["e\u{301}tude"] >> task[("a_very_long_name_"):rep(8)] >> task["back\\slash'quote#hash"]
  local _ = task["back\\slash'quote#hash"] >> task["control\27[31m\n"]
  wf:execute()
end)
