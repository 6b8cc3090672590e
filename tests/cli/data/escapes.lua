-- Prints what would act on a terminal.
task.show = function(ctx)
  io.write("\27[31mred\27[0m\a\r\0\n")
end

workflow "escapes" (function(wf) end)
