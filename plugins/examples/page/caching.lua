-- Early termination, the normal way: a cache hit ends the workflow as a success.
-- With an argument the key is looked up under that name: `-- other_key` is a miss.

local cache = {my_key = "cached value"}
local function get_from_cache(key)
  return cache[key]
end

task.check_cache = function(ctx, key)
  -- Check cache before processing.
  local cached = get_from_cache(key)

  if cached ~= nil then
    -- Cache hit - no need to continue
    print("Cache hit: " .. cached)
    ctx:terminate_workflow("Data found in cache")
    return cached
  end

  -- Cache miss - continue to next tasks
  print("Cache miss, proceeding...")
  return nil
end

task.expensive_processing = function()
  -- This won't run if cache hits.
  print("Expensive processing...")
  return "processed"
end

workflow "caching" (function(wf)
  check_cache{task_id = "cache", key = flow.args[1] or "my_key"} >> expensive_processing
  wf:execute()
end)
