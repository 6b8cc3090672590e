-- A state machine: the life of a network connection. Each state is a task, the wiring is the diagram of what can
-- follow, and a goto picks one of it. Waiting is an iteration. `--seed` decides how the network behaves.

local max_attempts = 3

-- A transition, written down so that the channel shows the way that was taken.
local function enter(ctx, state)
  local path = flow.copy(ctx.channel:get("path", {}))
  path[#path + 1] = state.id
  ctx.channel.path = path
  ctx:next_task(state, "goto")
end

task.idle = function(ctx)
  local outbox = ctx.channel:get("outbox", {"hello", "how are you", "bye"})
  ctx.channel.outbox = outbox
  ctx.channel.attempts = 0
  print("idle: " .. #outbox .. " messages to send")
  enter(ctx, connecting)
end

task.connecting = function(ctx, attempts)
  ctx.channel.attempts = attempts + 1
  local works = math.random(100) <= 40
  print(("connecting: attempt %d %s"):format(attempts + 1, works and "succeeds" or "fails"))
  if works then
    enter(ctx, authenticating)
  elseif attempts + 1 < max_attempts then
    enter(ctx, waiting)
  else
    enter(ctx, failed)
  end
end

task.waiting = {defaults = {ticks = 2}, function(ctx, ticks)
  if ticks > 0 then
    ctx:next_iteration(ticks - 1)
  end -- after the last one the wiring leads back to `connecting`
end}

task.authenticating = function(ctx)
  enter(ctx, math.random(100) <= 90 and ready or failed)
end

task.ready = function(ctx, outbox)
  enter(ctx, #outbox > 0 and sending or closing)
end

task.sending = function(ctx, outbox)
  local rest = flow.copy(outbox)
  print("sending: " .. table.remove(rest, 1))
  ctx.channel.outbox = rest
  enter(ctx, ready)
end

task.closing = function(ctx)
  print("closing: everything was sent")
  ctx:terminate_workflow("closed")
end

task.failed = function(ctx, attempts)
  ctx:cancel_workflow("no connection after " .. attempts .. " attempts")
end

workflow "state_machine" (function(wf)
  idle >> connecting >> authenticating >> ready >> closing
  (connecting | authenticating) >> failed
  connecting >> waiting >> connecting
  ready >> sending >> ready
  wf:execute(idle)
end)
