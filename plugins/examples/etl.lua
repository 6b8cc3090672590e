-- An ETL job: three pages of orders are fetched (the second one fails at first and is retried), cleaned and
-- profiled side by side, validated, loaded one region at a time, published. With the data as it comes `publish`
-- never runs: find out why. `flowdbg etl.lua -- 0.5` tolerates more.
local tolerated = tonumber(flow.args[1]) or 0.10 -- the share of bad rows with which we still publish

local pages = { -- a stand-in for the service that has the orders
  {{id = 1, region = "eu", amount = 120.0}, {id = 2, region = "us", amount = 80.5}},
  {{id = 3, region = "eu", amount = -7.0}, {id = 4, region = "us", amount = 42.0}},
  {{id = 5, region = "asia", amount = 15.25}, {id = 6, region = "eu", amount = 300.0}},
}

task.extract = {max_retries = 2, defaults = {page = 1}, function(ctx, page)
  if page == 2 and ctx.attempt == 1 then
    error{kind = "Timeout", message = "page 2: no answer from the service"}
  end
  local rows = flow.copy(ctx.channel:get("rows", {}))
  for _, row in ipairs(pages[page]) do
    rows[#rows + 1] = row
  end
  ctx.channel.rows = rows
  print(("extract: page %d, %d rows so far"):format(page, #rows))
  if page < #pages then
    ctx:next_iteration(page + 1)
  end
end}

task.clean = function(ctx, rows)
  local good, bad = {}, {}
  for _, row in ipairs(rows) do
    table.insert(row.amount > 0 and good or bad, row)
  end
  ctx.channel.good = good
  ctx.channel.bad = bad
end

task.profile = function(ctx, rows)
  local totals = {}
  for _, row in ipairs(rows) do
    totals[row.region] = (totals[row.region] or 0) + row.amount
  end
  ctx.channel.totals = totals
end

task.validate = {join = "all", function(ctx, rows, bad)
  local share = #bad / #rows
  print(("validate: %d of %d rows are bad"):format(#bad, #rows))
  if share > tolerated then
    ctx:next_task(quarantine, "goto")
  end
end}

task.load = function(ctx, totals, good)
  for region in pairs(totals) do
    ctx:next_task(task{id = "load_" .. region, function()
      local count = 0
      for _, row in ipairs(good) do
        count = count + (row.region == region and 1 or 0)
      end
      print(("load_%s: %d rows"):format(region, count))
    end})
  end
end

task.publish = function(totals)
  print("publish:", totals)
end

task.quarantine = function(bad)
  print("quarantine:", bad)
end

task.report = function(ctx)
  print(("report: finished at step %d"):format(ctx.step))
end

workflow "etl" (function(wf)
  extract >> (clean | profile) >> validate >> load >> publish >> report
  quarantine >> report
  wf:execute(extract)
end)
