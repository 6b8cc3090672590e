-- An agent: think, call a tool, observe, think again, until there is an answer or the budget of tool calls is
-- spent. The model is a stand-in that follows a script. `flowdbg agent.lua -- 2` gives it a budget of two.

local budget = tonumber(flow.args[1]) or 6

local thoughts = { -- what the model decides, one thought for each turn
  {tool = "search", input = "population of Iceland"},
  {tool = "search", input = "area of Iceland in km2"},
  {tool = "calculate", input = "389444 / 103000"},
  {tool = "remember", input = "Iceland: about 3.8 people per km2"},
}
local facts = {["population of Iceland"] = 389444, ["area of Iceland in km2"] = 103000}

task.question = function(ctx)
  ctx.channel.question = "How densely is Iceland populated?"
  ctx.channel.turn = 1
  ctx.channel.notes = {}
  print("question: " .. ctx.channel.question)
end

task.think = function(ctx, turn, notes)
  local thought = thoughts[turn]
  if not thought then
    return "enough to answer" -- no goto: on to `answer`
  end
  if turn > budget then
    ctx:next_task(give_up, "goto")
    return "out of budget"
  end
  print(("think: %s(%q)"):format(thought.tool, thought.input))
  ctx.channel.call = thought
  ctx.channel.turn = turn + 1
  local tool = ctx.graph:get_node(thought.tool)
  if not tool then -- a tool the model made up: it is written on the spot
    tool = task{id = thought.tool, function()
      ctx.channel.observation = "noted: " .. thought.input
    end}
    tool >> observe
  end
  ctx:next_task(tool, "goto")
  return thought.tool
end

task.search = function(ctx, call)
  ctx.channel.observation = facts[call.input] or flow.null
end

task.calculate = function(ctx, call)
  local a, b = call.input:match("(%d+) / (%d+)")
  ctx.channel.observation = a / b
end

task.observe = function(ctx, observation, notes)
  local longer = flow.copy(notes)
  longer[#longer + 1] = observation
  ctx.channel.notes = longer
  print("observe: " .. tostring(observation))
end

task.answer = function(ctx, notes)
  -- Cut a word off at a time until it is short enough.
  local draft = ctx.data or ("According to my %d notes it is %.1f people per km2."):format(#notes, notes[3])
  if #draft > 30 then
    ctx:next_iteration(draft:sub(draft:find(" ") + 1))
    return draft
  end
  print("answer: " .. draft)
  return draft
end

task.give_up = function(ctx)
  print("give_up: the budget of " .. budget .. " tool calls is spent")
  ctx:terminate_workflow("budget spent")
end

workflow "agent" (function(wf)
  question >> think >> answer
  (search | calculate) >> observe >> think
  wf:execute(question)
end)
