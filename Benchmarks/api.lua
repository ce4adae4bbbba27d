-- Asks the API for records by random numbers. Arguments: what to ask for, a token, and the numbers to choose from, either the
-- greatest or a file with one a line.

local what, token, numbers

local function load(source)
    local greatest = tonumber(source)
    if greatest then
        return function() return math.random(greatest) end
    end
    local list = {}
    for line in io.lines(source) do list[#list + 1] = line end
    return function() return list[math.random(#list)] end
end

function init(arguments)
    what, token = arguments[1], arguments[2]
    numbers = load(arguments[3])
    math.randomseed(tonumber(arguments[4] or "1"))
    wrk.headers["Authorization"] = "Bearer " .. token
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    if what == "submit" then
        local body = string.format('{"recommendation_id":%s,"rating":%d,"comment":"It helped."}', numbers(), math.random(5))
        return wrk.format("POST", "/api/feedback/submit", nil, body)
    elseif what == "summary" then
        return wrk.format("GET", "/api/feedback/recommendation/" .. numbers() .. "/summary")
    elseif what == "effectiveness" then
        return wrk.format("GET", "/api/recommendation/" .. numbers() .. "/effectiveness")
    elseif what == "predict" then
        return wrk.format("GET", "/api/predictions/diagnosis/" .. numbers() .. "/predict?language=en")
    elseif what == "anew" then
        return wrk.format("GET", "/api/predictions/diagnosis/" .. numbers() .. "/predict?language=en&similar_patients=true")
    end
    local ids = {}
    for place = 1, 20 do ids[place] = numbers() end
    return wrk.format("POST", "/api/predictions/batch/predict", nil, '{"diagnosis_ids":[' .. table.concat(ids, ",") .. "]}")
end

function response(status)
    if status >= 300 then io.stderr:write("answered " .. status .. "\n") end
end
