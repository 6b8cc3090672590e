-- Jumping to an existing task: on an error the emergency handler runs instead of the normal continuation.
--   flowdbg run --seed 1 error_handling.lua    succeeds
--   flowdbg run --seed 2 error_handling.lua    fails and jumps

workflow "error_handling" (function(wf)
  task.risky_operation = function(ctx)
    -- Process data with potential errors.
    local ok, err = pcall(function()
      if math.random() < 0.3 then -- 30% chance of error
        error({kind = "CriticalError", message = "Critical failure!"})
      end
      print("Operation succeeded")
    end)
    if not ok and err.kind == "CriticalError" then
      -- Jump to existing emergency handler task
      local emergency_task = ctx.graph:get_node("emergency_handler")
      ctx:next_task(emergency_task, "goto")
    end
  end

  task.emergency_handler = function()
    -- Handle emergency situations.
    print("Emergency handler activated!")
  end

  task.normal_continuation = function()
    -- This runs only if risky_operation succeeds.
    print("Continuing normal flow")
  end

  risky_operation >> normal_continuation

  wf:execute()
end)
