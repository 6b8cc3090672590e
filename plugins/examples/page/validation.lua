-- Early termination, the abnormal way: invalid data cancels the workflow, which is an error.

task.validate_data = function(ctx, data)
  -- Validate data before processing.
  if not data.valid then
    -- Invalid data - cancel entire workflow
    ctx:cancel_workflow("Data validation failed")
  end

  return data
end

task.process_data = function(data)
  print("Processing data...")
  return data
end

workflow "validation" (function(wf)
  local validate = validate_data{task_id = "validate", data = {valid = false}}
  validate >> process_data

  wf:execute() -- flowdbg reports the cancellation: "Data validation failed"
end)
